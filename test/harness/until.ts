import { setTimeout as wait } from 'node:timers/promises';

const POLL_MS = 25;

/** Asks again until the answer is neither null nor false; rejects, naming what it waited for, after `timeoutMs`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | null | false> | T | null | false,
  timeoutMs = 20_000,
): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; ; await wait(POLL_MS)) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`);
  }
}
