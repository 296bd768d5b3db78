import { setTimeout as wait } from 'node:timers/promises';
import { AppError, UnavailableError } from '../errors.ts';

/** What the queue store answers, or UnavailableError `queue.unavailable` when it fails or does not answer in time. Never hangs. */
export async function answerOf<T>(
  work: () => Promise<T>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<T> {
  const stop = new AbortController();
  const limit = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
  const late = wait(timeoutMs, undefined, { signal: limit }).catch(() => {});
  try {
    return await Promise.race([
      work(),
      late.then((): never => {
        throw new Error(`no answer within ${timeoutMs} ms`);
      }),
    ]);
  } catch (error) {
    throw error instanceof AppError ? error : unavailable(error);
  } finally {
    stop.abort();
  }
}

/** True when the promise settled within the time, whichever way. */
export async function settledWithin(promise: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  const stop = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const late = wait(timeoutMs, false, { signal: stop.signal }).catch(() => false);
  return Promise.race([settled, late]).finally(() => stop.abort());
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError('queue.unavailable', 'The job queue does not answer. Try again in a moment.', {
    cause,
    retryAfterS: 5,
  });
}
