import type { FivetranClient, Wait } from './client.ts';
import { type Connection, noticesOf } from './connection.ts';
import { createPatience, type PatienceOptions } from './patience.ts';
import { type Baseline, type SyncView, viewOf } from './sync-view.ts';

export interface SyncWatch extends PatienceOptions {
  client: FivetranClient;
  before: Baseline;
  wait: Wait;
  /** Changes when Fivetran has told that a sync ended. */
  nudge(): Promise<number | null>;
  log(line: string): void;
  signal: AbortSignal;
}

/** How often a nudge is looked for while waiting. */
const LOOK_MS = 1_000;

/**
 * Polls until the sync has succeeded by Fivetran's own times; at once when there is a nudge. Answers the connection as it was then.
 * Throws what `createPatience` and the client throw; the signal's reason.
 */
export async function awaitSync(watch: SyncWatch): Promise<Connection> {
  const { client, before, log, signal } = watch;
  const decide = createPatience(watch);
  const pause = await createPause(watch);
  const say = createChangeLog(log);
  for (;;) {
    const connection = await client.connection(signal);
    const view = viewOf(connection, before);
    say('notices', noticesOf(connection));
    say('view', wordsOf(view));
    if (view.kind === 'succeeded') return connection;
    const { afterMs, startAgain } = decide(view);
    if (startAgain) await client.sync(signal);
    await pause(afterMs);
  }
}

/** Logs what is said of a subject when it is not what was said of it last. */
function createChangeLog(log: (line: string) => void) {
  const last = new Map<string, string>();
  return (subject: string, words: string) => {
    if (words !== (last.get(subject) ?? '') && words !== '') log(`fivetran: ${words}`);
    last.set(subject, words);
  };
}

function wordsOf(view: SyncView): string {
  switch (view.kind) {
    case 'rescheduled':
      return `the sync is put off until ${view.until ?? 'a time it does not name'}`;
    case 'idle':
      return `the connection is ${view.state}`;
    default:
      return view.kind;
  }
}

/** Waits with some jitter, so that many runs do not ask at the same moments; a nudge ends it. */
async function createPause({ wait, nudge, signal }: SyncWatch): Promise<(ms: number) => Promise<void>> {
  let seen = await nudge();
  return async (ms) => {
    for (let leftMs = ms * (0.9 + Math.random() * 0.2); leftMs > 0; leftMs -= LOOK_MS) {
      await wait(Math.min(leftMs, LOOK_MS), signal);
      const latest = await nudge();
      if (latest === seen) continue;
      seen = latest;
      return;
    }
  };
}
