import type { Pool } from '../../../db/client.ts';
import { AppError } from '../../../errors.ts';
import type { RunOutcome } from '../../../ports/runner.ts';
import { countMessages } from './count-messages.ts';
import { type MeltanoRun, runPipeline } from './pipeline.ts';
import { pipelineOutcome } from './pipeline-outcome.ts';
import { stateId } from './project.ts';
import { loadRelayed } from './relayed-load.ts';
import { createMeltanoStates, type MeltanoStates, sameState } from './state.ts';

/** A run whose messages this process loads: what it has made durable is the truth, and Meltano's own state must say the same. */
export async function carryWithIvory(run: MeltanoRun, pool: Pool): Promise<RunOutcome> {
  const states = await startedStates(run);
  const pipelined = await runPipeline(run, (socket) => loadRelayed(run, pool, socket));
  const { rows = 0, streams = {}, state = null } = pipelined.taken ?? {};
  const outcome = pipelineOutcome(pipelined, { rowsWritten: rows, streams, state }, run.spec.state);
  if (state !== null && outcome.status !== 'failed') await compareStates(run, states, state);
  return outcome;
}

/**
 * A run that another program loads: the state is Meltano's, the counts are those of the messages on their way. Its transactions cannot be
 * guarded one by one: that the run is ours is asked before and after, and who takes the run over ends its sessions.
 */
export async function carryWithTarget(run: MeltanoRun, pool: Pool): Promise<RunOutcome> {
  await assertOwned(run, pool);
  const states = await startedStates(run);
  const pipelined = await runPipeline(run, (socket) => countMessages(socket, run.hooks.progress));
  await assertOwned(run, pool);
  const streams = pipelined.taken ?? {};
  const rowsWritten = Object.values(streams).reduce((sum, { rows }) => sum + rows, 0);
  const kept = await states.get();
  const state = kept === null || sameState(kept, run.spec.state) ? null : kept;
  return pipelineOutcome(pipelined, { rowsWritten, streams, state }, run.spec.state);
}

async function assertOwned({ hooks }: MeltanoRun, pool: Pool): Promise<void> {
  await hooks.guardCommit(async (text, parameters) => (await pool.query(text, parameters)).rows);
}

async function startedStates(run: MeltanoRun): Promise<MeltanoStates> {
  const states = createMeltanoStates({ ...run, stateId: stateId(run.project) });
  if (run.spec.state !== null) await states.set(run.spec.state);
  return states;
}

/** A difference is worth a line: what is durable here is what the next run starts from. */
async function compareStates({ hooks }: MeltanoRun, states: MeltanoStates, durable: string): Promise<void> {
  try {
    if (sameState(await states.get(), durable)) return;
    hooks.log("meltano warning: Meltano's state differs from what is durable; the latter is kept");
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'meltano.failed') throw error;
    hooks.log(`meltano warning: its state could not be read to compare it: ${error.message}`);
  }
}
