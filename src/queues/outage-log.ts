import { setTimeout as wait } from 'node:timers/promises';

export interface OutageLog {
  note(error: unknown): void;
  close(): void;
}

const CHECK_MS = 1_000;
const QUIET_CHECKS = 5;

/** Reports the first of a row of errors, then nothing until the store has answered for a while: a retry is no news. */
export function createOutageLog(report: (error: unknown) => void, ping: () => Promise<unknown>): OutageLog {
  const closed = new AbortController();
  let quiet = false;
  async function untilCalm(): Promise<void> {
    for (let good = 0; good < QUIET_CHECKS && !closed.signal.aborted; ) {
      await wait(CHECK_MS, undefined, { signal: closed.signal, ref: false }).catch(() => {});
      good = (await answers(ping)) ? good + 1 : 0;
    }
    quiet = false;
  }
  return {
    note(error) {
      if (quiet || closed.signal.aborted) return;
      quiet = true;
      report(error);
      untilCalm();
    },
    close: () => closed.abort(),
  };
}

async function answers(ping: () => Promise<unknown>): Promise<boolean> {
  try {
    await ping();
    return true;
  } catch {
    return false;
  }
}
