import { contextFor, type Deps } from '../../context.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { findCancellableRuns, findLostRuns, takeBack } from '../../db/queries/waiting-runs.ts';
import { relaySoon } from '../outbox/relay.ts';
import { executeEntry, loadEntry } from './entries.ts';
import { finishRun } from './finish.ts';

const BATCH = 200;
/** Workers one run may lose before it is called failed. */
const MAX_ATTEMPTS = 5;

/** Gives back the runs whose workers are gone, and ends the cancelled ones nobody holds. Safe with several reapers at once. */
export async function reapLost(deps: Deps): Promise<number> {
  for (const run of await findCancellableRuns(deps.database.db, BATCH)) await endCancelled(deps, run);
  const lost = await findLostRuns(deps.database.db, BATCH);
  for (const run of lost) await reapRun(deps, run);
  if (lost.length > 0) await relaySoon(deps);
  return lost.length;
}

async function reapRun(deps: Deps, run: RunRow): Promise<void> {
  if (run.status === 'running' && run.attempt >= MAX_ATTEMPTS) return giveUp(deps, run);
  await deps.database.db.transaction(async (tx) => {
    if (!(await takeBack(tx, run))) return;
    await addToOutbox(
      tx,
      run.status === 'running' ? executeEntry(run.id, run.fence) : loadEntry(run.id, run.fence),
    );
  });
  deps.log.warn(
    { runId: run.id, tenantId: run.tenantId, workerId: run.workerId, attempt: run.attempt },
    'took a run back',
  );
}

async function giveUp(deps: Deps, run: RunRow): Promise<void> {
  await finishRun(contextFor(deps, { tenantId: run.tenantId, actor: 'worker:scheduler' }), {
    runId: run.id,
    connectorId: run.connectorId,
    fence: run.fence,
    status: 'failed',
    errorCode: 'run.worker_lost',
    errorMsg: `The run lost its worker ${run.attempt} times. If the worker was out of memory, give the runner pool more.`,
    tables: [],
    counted: false,
  });
}

async function endCancelled(deps: Deps, run: RunRow): Promise<void> {
  await finishRun(contextFor(deps, { tenantId: run.tenantId, actor: 'worker:scheduler' }), {
    runId: run.id,
    connectorId: run.connectorId,
    fence: run.fence,
    status: 'cancelled',
    errorCode: 'run.cancelled',
    errorMsg: 'The run was cancelled.',
    tables: [],
    counted: false,
  });
}
