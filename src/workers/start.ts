import type { Deps } from '../context.ts';
import type { Pool } from '../queues/catalog.ts';
import type { QueueStore } from '../queues/connection.ts';
import { startMapping } from './mapping/start.ts';
import type { PoolWorker, WorkerOptions } from './pool.ts';
import { startRunner } from './runner/start.ts';
import { startScheduler } from './scheduler/start.ts';
import { startTransform } from './transform/start.ts';

type Start = (deps: Deps, options: WorkerOptions) => Promise<PoolWorker>;

const STARTS: Record<Pool, { start: Start; concurrency: number }> = {
  /** Ticks must not overlap in one process; several processes may. */
  scheduler: { start: startScheduler, concurrency: 1 },
  runner: { start: startRunner, concurrency: 4 },
  transform: { start: startTransform, concurrency: 2 },
  /** They mostly wait for a model, and no tenant for more than LLM_TENANT_MAX_CALLS at once. */
  mapping: { start: startMapping, concurrency: 16 },
};

/** Starts the named pools in this process; close ends them all at once. */
export async function startPools(deps: Deps, store: QueueStore, pools: readonly Pool[]): Promise<PoolWorker> {
  const workers: PoolWorker[] = [];
  const close = async (graceMs?: number) => {
    await Promise.all(workers.map((worker) => worker.close(graceMs)));
  };
  try {
    for (const pool of pools) {
      const { start, concurrency } = STARTS[pool];
      workers.push(await start(deps, { store, pool, concurrency }));
    }
  } catch (error) {
    await close(0);
    throw error;
  }
  return { consumers: workers.flatMap((worker) => worker.consumers), close };
}
