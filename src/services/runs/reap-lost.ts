import type { Deps } from '../../context.ts';
import { listWrittenBatches } from '../../db/queries/load-batches.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { findCancellableRuns, findLostRuns, takeBack } from '../../db/queries/waiting-runs.ts';
import { relaySoon } from '../outbox/relay.ts';
import { executeEntry, loadEntry } from './entries.ts';
import { CANCELLED, type FinishInput, finishRun } from './finish.ts';
import { inRun, runIds } from './run-context.ts';

const BATCH = 200;
/** Workers one run may lose to its tap, or to its load, before it is called failed. */
const MAX_ATTEMPTS = 5;
/** The same for a load that has begun to write: what it has added to a table would be added again by the next run. */
const MAX_ATTEMPTS_WRITING = 50;

/** Gives back the runs whose workers are gone, and ends the cancelled ones nobody holds. Safe with several reapers at once. */
export async function reapLost(deps: Deps): Promise<number> {
  for (const run of await findCancellableRuns(deps.database.db, BATCH)) {
    await alone(deps, run, endCancelled);
  }
  const lost = await findLostRuns(deps.database.db, BATCH);
  for (const run of lost) await alone(deps, run, reapRun);
  if (lost.length > 0) await relaySoon(deps);
  return lost.length;
}

/** One run that cannot be helped must not keep the others waiting. */
async function alone(
  deps: Deps,
  run: RunRow,
  help: (deps: Deps, run: RunRow) => Promise<void>,
): Promise<void> {
  try {
    await help(deps, run);
  } catch (error) {
    deps.log.error({ event: 'run.not_reaped', ...runIds(run), err: error }, 'a run could not be reaped');
  }
}

async function reapRun(deps: Deps, run: RunRow): Promise<void> {
  if (await isHopeless(deps, run)) return giveUp(deps, run);
  const isTaken = await deps.database.db.transaction(async (tx) => {
    if (!(await takeBack(tx, run))) return false;
    await addToOutbox(
      tx,
      run.status === 'running' ? executeEntry(run.id, run.fence) : loadEntry(run.id, run.fence),
    );
    return true;
  });
  if (!isTaken) return;
  deps.metrics.leaseLost('run', 'reaper');
  deps.log.warn({ event: 'run.taken_back', ...runIds(run), worker_id: run.workerId }, 'took a run back');
}

async function isHopeless({ database }: Deps, { id, tenantId, attempt }: RunRow): Promise<boolean> {
  if (attempt < MAX_ATTEMPTS) return false;
  const written = await listWrittenBatches(database.db, tenantId, id);
  return written.length === 0 || attempt >= MAX_ATTEMPTS_WRITING;
}

async function giveUp(deps: Deps, run: RunRow): Promise<void> {
  const isEnded = await finishLost(deps, run, {
    runId: run.id,
    connectorId: run.connectorId,
    fence: run.fence,
    status: 'failed',
    errorCode: 'run.worker_lost',
    errorMsg: `The run lost its worker ${run.attempt} times. If the worker was out of memory, give the ${run.status === 'running' ? 'runner' : 'transform'} pool more.`,
    tables: [],
    counted: false,
  });
  if (isEnded) deps.metrics.leaseLost('run', 'reaper');
}

async function endCancelled(deps: Deps, run: RunRow): Promise<void> {
  await finishLost(deps, run, {
    ...CANCELLED,
    runId: run.id,
    connectorId: run.connectorId,
    fence: run.fence,
    tables: [],
  });
}

function finishLost(deps: Deps, run: RunRow, input: FinishInput): Promise<boolean> {
  return inRun(deps, run, { span: 'run.reap', actor: 'worker:scheduler' }, (ctx) => finishRun(ctx, input));
}
