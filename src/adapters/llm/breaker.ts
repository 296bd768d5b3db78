import { AppError, errorOfKind, kindOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Llm, LlmAnswer, LlmRequest } from '../../ports/llm.ts';

export interface BreakerOptions {
  log: Log;
  /** Failures in a row, of a server that is down or too slow, after which it is left alone. */
  failures?: number;
  /** For how long; then one request is let through to see. */
  downMs?: number;
  /** The same after a refused key, a spent quota, an unknown model: one is enough, since every request would fail. */
  refusedMs?: number;
  /** Milliseconds of any clock that only goes forward. */
  clock?: () => number;
}

const OF_THE_ACCOUNT = ['llm.key_refused', 'llm.quota_spent', 'llm.model_unknown'];

interface Broken {
  failure: AppError;
  until: number;
}

/**
 * Does not ask a model that cannot answer: nobody waits for a server that has just failed others. While it is broken each request fails at
 * once with what it broke of. Logged when it breaks and when it is whole again.
 */
export function withBreaker(llm: Llm, options: BreakerOptions): Llm {
  const { log, failures: most = 3, downMs = 30_000, refusedMs = 60_000 } = options;
  const { clock = () => performance.now() } = options;
  let failures = 0;
  let broken: Broken | null = null;
  let isProbing = false;
  return { model: llm.model, complete, brokenBy: () => broken?.failure.code ?? null };

  async function complete(request: LlmRequest, signal: AbortSignal): Promise<LlmAnswer> {
    const isProbe = broken !== null;
    if (broken && (isProbing || clock() < broken.until)) throw again(broken.failure);
    isProbing = isProbe;
    try {
      const answer = await llm.complete(request, signal);
      mended();
      return answer;
    } catch (error) {
      if (error instanceof AppError) note(error, isProbe);
      throw error;
    } finally {
      if (isProbe) isProbing = false;
    }
  }

  function note(failure: AppError, isProbe: boolean): void {
    const isOfAccount = OF_THE_ACCOUNT.includes(failure.code);
    if (!isOfAccount && failure.code !== 'llm.unavailable') {
      mended();
      return;
    }
    failures += 1;
    if (broken && !isProbe) return;
    if (!isOfAccount && !isProbe && failures < most) return;
    const pauseMs = isOfAccount ? refusedMs : downMs;
    const { code, message, internal } = failure;
    if (broken === null) {
      const said = { code, reason: message, detail: isOfAccount ? internal : undefined, pause_ms: pauseMs };
      log.warn({ event: 'llm.left_alone', ...said }, 'the model is left alone');
    }
    broken = { failure, until: clock() + pauseMs };
  }

  /** It answered, if only to refuse one request. */
  function mended(): void {
    failures = 0;
    if (broken) log.info({ event: 'llm.back', model: llm.model }, 'the model answers again');
    broken = null;
  }
}

function again(failure: AppError): AppError {
  return errorOfKind(kindOf(failure) ?? 'unavailable', failure.code, failure.message);
}
