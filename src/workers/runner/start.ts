import type { Deps } from '../../context.ts';
import { executeRun } from '../../services/runs/execute.ts';
import { runTask } from '../../services/tasks/run.ts';
import { type PoolWorker, startPool, type WorkerOptions, workerIdFor } from '../pool.ts';

/** Runs taps into staging, and asks sources what they are and have. */
export function startRunner(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  const workerId = workerIdFor(deps);
  return startPool(deps, options, {
    'execute-run': ({ payload, signal }) => executeRun(deps, { ...payload, workerId, signal }),
    'run-task': ({ payload, signal, lastAttempt }) =>
      runTask(deps, { ...payload, workerId, signal, lastAttempt }),
  });
}
