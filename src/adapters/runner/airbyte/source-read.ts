import type { SourceFailure } from './source-failures.ts';
import type { SourceLog } from './source-log.ts';
import type { Refresh, SourceState } from './source-state.ts';
import { createStreamProgress, type StreamProgress } from './stream-progress.ts';
import type { SyncStream } from './sync-streams.ts';

/** What is known of a read while it goes on. */
export interface SourceRead {
  log: SourceLog;
  state: SourceState;
  /** By Ivory's name of the stream. */
  find(name: string): StreamProgress | undefined;
  all(): readonly StreamProgress[];
  /** What the source said went wrong, the first one first. */
  failures: SourceFailure[];
  /** A row was lost: from now on nothing may be called durable, or gone. */
  breakOff(why: string): void;
  isBroken(): boolean;
  /** Says a line unless it was said before. */
  tellOnce(line: string): void;
}

export interface SourceReadOptions {
  streams: readonly SyncStream[];
  state: SourceState;
  log: SourceLog;
  /** When the read began, in ms: the table version of the full refreshes it begins. */
  startedAtMs: number;
}

const MOST_TOLD = 1_000;

export function openSourceRead({ streams, state, log, startedAtMs }: SourceReadOptions): SourceRead {
  const progress = new Map(
    streams.map((stream) => [
      stream.name,
      createStreamProgress(stream, refreshFor(stream, state, startedAtMs)),
    ]),
  );
  const all = [...progress.values()];
  const failures: SourceFailure[] = [];
  const told = new Set<string>();
  let isBroken = false;
  return {
    log,
    state,
    find: (name) => progress.get(name),
    all: () => all,
    failures,
    breakOff(why) {
      if (!isBroken) log.say(`[ERROR] ${why}; nothing after it is read.`);
      isBroken = true;
    },
    isBroken: () => isBroken,
    tellOnce(line) {
      if (told.has(line) || told.size >= MOST_TOLD) return;
      told.add(line);
      log.say(line);
    },
  };
}

/**
 * A full refresh goes on only where an earlier run left one open and its source can resume it. A state of any other origin must not reach a
 * stream that is read in full, which would bring nothing and so empty its table; nor must the place in an open refresh reach an incremental one.
 */
function refreshFor(
  { name, descriptor, mode, isResumable }: SyncStream,
  state: SourceState,
  startedAtMs: number,
): Refresh | null {
  const begun = state.refreshOf(name);
  if (mode === 'incremental') {
    if (begun) state.forget(descriptor);
    return null;
  }
  if (begun && isResumable && state.has(descriptor)) return { ...begun };
  state.forget(descriptor);
  return { version: startedAtMs, rows: 0 };
}
