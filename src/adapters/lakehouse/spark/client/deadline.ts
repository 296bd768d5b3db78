import { SparkUnavailableError } from './spark-errors.ts';

/** How long something may take, and who else may end it. */
export interface Deadline {
  signal: AbortSignal;
  /** At least 1. */
  leftMs(): number;
  /** What to say of a statement that was ended by it. */
  error(mayHaveRun: boolean): SparkUnavailableError;
}

export function createDeadline(timeoutMs: number, signals: readonly AbortSignal[]): Deadline {
  const endsAt = performance.now() + timeoutMs;
  return {
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...signals]),
    leftMs: () => Math.max(1, Math.ceil(endsAt - performance.now())),
    error(mayHaveRun) {
      const cancelled = signals.find(({ aborted }) => aborted);
      if (cancelled)
        return new SparkUnavailableError('lakehouse.cancelled', 'The statement was cancelled.', {
          mayHaveRun,
          cause: cancelled.reason,
        });
      return new SparkUnavailableError(
        'lakehouse.timeout',
        `The lakehouse did not finish the statement within ${timeoutMs} ms.`,
        { mayHaveRun },
      );
    },
  };
}

/** Rejects as soon as the signal is aborted, with its reason. What was waited for goes on, unheard. */
export async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
