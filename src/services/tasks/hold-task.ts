import type { Ctx } from '../../context.ts';
import { extendTaskLease, type HeldTask } from '../../db/queries/connector-tasks.ts';

export interface TaskLease {
  /** Aborted once the task is another worker's, or gone with its connector. */
  signal: AbortSignal;
  /** Ends the heartbeats. The row is left as it is. */
  release(): void;
}

const BEATS_PER_LEASE = 4;

/** Keeps a claimed task ours until released. */
export function holdTask(ctx: Ctx, held: HeldTask): TaskLease {
  const { leaseMs } = ctx.settings;
  const lost = new AbortController();
  let renewedAt = performance.now();
  const lose = () => {
    if (!lost.signal.aborted) ctx.metrics.leaseLost('task', 'worker');
    lost.abort();
  };
  const beat = async () => {
    const startedAt = performance.now();
    if (startedAt - renewedAt > leaseMs) return lose();
    try {
      if (!(await extendTaskLease(ctx.database.db, held, leaseMs))) return lose();
      renewedAt = startedAt;
    } catch (error) {
      ctx.log.warn({ event: 'task.heartbeat_failed', err: error }, 'a heartbeat failed');
    }
  };
  const timer = setInterval(() => void beat(), leaseMs / BEATS_PER_LEASE);
  return { signal: lost.signal, release: () => clearInterval(timer) };
}
