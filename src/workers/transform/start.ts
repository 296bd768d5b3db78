import type { Deps } from '../../context.ts';
import { loadRun } from '../../services/runs/load.ts';
import { type PoolWorker, startPool, type WorkerOptions, workerIdFor } from '../pool.ts';

/** Maps and transforms staged rows and loads them into the lakehouse. */
export function startTransform(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  const workerId = workerIdFor(deps);
  return startPool(deps, options, {
    'load-run': ({ payload, signal, lastAttempt }) =>
      loadRun(deps, { ...payload, workerId, signal, lastAttempt }),
  });
}
