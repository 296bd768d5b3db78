import type { Deps } from '../../context.ts';
import { probeWrite } from '../../db/queries/health.ts';
import { AppError } from '../../errors.ts';

export interface DependencyHealth {
  status: 'up' | 'down';
  latencyMs: number;
  /** Code of what is wrong; null when up. Never the vendor's words: they may hold addresses. */
  error: string | null;
}

export interface Readiness {
  ready: boolean;
  dependencies: Record<'database' | 'queue' | 'lakehouse', DependencyHealth>;
}

const LIMIT_MS = 2_000;

/** Asks each dependency, all at once, two seconds at most. Never throws. */
export async function checkReadiness({ database, producer, lakehouse, log }: Deps): Promise<Readiness> {
  const [db, queue, lake] = await Promise.all([
    probe('database', () => probeWrite(database.db)),
    probe('queue', (signal) => producer.ping(signal)),
    probe('lakehouse', (signal) => lakehouse.ping(signal)),
  ]);
  return {
    ready: [db, queue, lake].every(({ status }) => status === 'up'),
    dependencies: { database: db, queue, lakehouse: lake },
  };

  async function probe(name: string, ask: (signal: AbortSignal) => Promise<void>): Promise<DependencyHealth> {
    const startedAt = performance.now();
    const latencyMs = () => Math.round(performance.now() - startedAt);
    const signal = AbortSignal.timeout(LIMIT_MS);
    try {
      await Promise.race([ask(signal), rejectOn(signal)]);
      return { status: 'up', latencyMs: latencyMs(), error: null };
    } catch (error) {
      log.warn({ dependency: name, err: error }, 'a dependency is not ready');
      return { status: 'down', latencyMs: latencyMs(), error: reasonOf(error, signal) };
    }
  }
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
