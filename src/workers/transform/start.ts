import type { Deps } from '../../context.ts';
import { careForTables } from '../../services/maintenance/care-for-tables.ts';
import { loadRun } from '../../services/runs/load.ts';
import { type PoolWorker, startPool, type WorkerOptions, workerIdFor } from '../pool.ts';

/** Maps and transforms staged rows and loads them into the lakehouse; cares for its tables, never with more than one of its jobs. */
export function startTransform(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  const workerId = workerIdFor(deps);
  let isCaring = false;
  async function care(signal: AbortSignal): Promise<void> {
    if (isCaring) return;
    isCaring = true;
    try {
      await careForTables(deps, signal);
    } finally {
      isCaring = false;
    }
  }
  return startPool(deps, options, {
    'load-run': ({ payload, signal, lastAttempt }) =>
      loadRun(deps, { ...payload, workerId, signal, lastAttempt }),
    'care-for-tables': ({ signal }) => care(signal),
  });
}
