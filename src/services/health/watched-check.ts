import { AppError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import { type Check, type DependencyHealth, NO_WARNINGS } from './check.ts';

export interface WatchedCheck {
  readonly name: string;
  /** What was found last; asks where nothing was found lately, and says `timeout` when that takes too long. Never rejects. */
  latest(): Promise<DependencyHealth>;
  /** Asks again and again from now on. */
  start(): void;
  close(): Promise<void>;
}

const EVERY_MS = 2_000;
const LIMIT_MS = 3_000;
/** Whoever asks waits no longer. */
const ANSWER_MS = 1_500;
/** What is older is not told any more: the process may have stood still. */
const FRESH_MS = 10_000;
/** Questions that did not end when they were told to. No more are asked beside them. */
const MAX_LEFT = 3;

interface Finding {
  foundAt: number;
  latencyMs: number;
  error: string | null;
  warnings: readonly string[];
}

/** Asks in the background, so that however many look, and whatever hangs, the dependency is asked at its own pace. */
export function watchCheck(
  check: Check,
  log: Log,
  onFound: (isUp: boolean) => void = () => {},
): WatchedCheck {
  const { everyMs = EVERY_MS, limitMs = LIMIT_MS } = check;
  const clock = () => performance.now();
  const freshMs = Math.max(FRESH_MS, 2 * (everyMs + limitMs));
  let last: Finding | null = null;
  let underWay: Promise<Finding> | null = null;
  let left = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function ask(): Promise<Finding> {
    underWay ??= find().then((finding) => {
      underWay = null;
      tell(last, finding);
      last = finding;
      onFound(finding.error === null);
      return finding;
    });
    return underWay;
  }

  async function find(): Promise<Finding> {
    const startedAt = clock();
    const found = (error: string | null, warnings = NO_WARNINGS): Finding => ({
      foundAt: clock(),
      latencyMs: Math.round(clock() - startedAt),
      error,
      warnings,
    });
    if (left >= MAX_LEFT) return found('timeout');
    const signal = AbortSignal.timeout(limitMs);
    left += 1;
    const asking = Promise.try(() => check.ask(signal)).finally(() => {
      left -= 1;
    });
    try {
      return found(null, await Promise.race([asking, rejectOn(signal)]));
    } catch (error) {
      if (!isClosed)
        log.debug(
          { event: 'dependency.silent', dependency: check.name, err: error },
          'a dependency does not answer',
        );
      return found(reasonOf(error, signal));
    }
  }

  function tell(before: Finding | null, { error }: Finding): void {
    if (isClosed || (before?.error ?? null) === error) return;
    if (error === null)
      log.info({ event: 'dependency.ready', dependency: check.name }, 'a dependency is ready again');
    else
      log.warn(
        { event: 'dependency.not_ready', dependency: check.name, code: error },
        'a dependency is not ready',
      );
  }

  async function go(): Promise<void> {
    await ask();
    if (!isClosed) timer = setTimeout(() => void go(), everyMs).unref();
  }

  return {
    name: check.name,
    async latest() {
      const isFresh = last !== null && clock() - last.foundAt < freshMs;
      const finding = isFresh ? last : await Promise.race([ask(), lateAfter(ANSWER_MS)]);
      return shown(
        check,
        finding ?? { foundAt: clock(), latencyMs: ANSWER_MS, error: 'timeout', warnings: [] },
      );
    },
    start: () => void go(),
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await check.close?.();
    },
  };
}

function shown({ required }: Check, { foundAt, latencyMs, error, warnings }: Finding): DependencyHealth {
  const ageMs = Math.round(performance.now() - foundAt);
  return { status: error === null ? 'up' : 'down', required, latencyMs, ageMs, error, warnings };
}

function lateAfter(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref());
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'timeout';
  return error instanceof AppError ? error.code : 'unreachable';
}
