import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_POLL_MS = 40;
const LONGEST_POLL_MS = 500;

export interface Patience {
  timeoutMs: number;
  /** The one who waits is gone: looks once more and gives up. */
  signal?: AbortSignal | undefined;
}

/** Reads a row another process works on until `read` answers something; null when the time is up first (docs/adr/0005). */
export async function pollRow<T>(
  read: () => Promise<T | null>,
  { timeoutMs, signal }: Patience,
): Promise<T | null> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_POLL_MS)) {
    const answer = await read();
    if (answer !== null) return answer;
    if (Date.now() + pauseMs > deadline || signal?.aborted) return null;
    await sleep(pauseMs);
  }
}
