import type { Deps } from '../../context.ts';
import { findMappingJobAnywhere } from '../../db/queries/mapping-jobs.ts';
import { AppError } from '../../errors.ts';
import { isCrowded, mayWait } from './model-turn.ts';
import { runProposal } from './run-proposal.ts';

const LATER_MS = 2_000;

/**
 * Works a mapping job out, or puts it off while its tenant has as many questions with the model as it may: a job that waits for its turn
 * holds no place in the pool, so that one tenant's slow answers keep no other tenant's job from being worked on.
 */
export async function proposeInTurn(
  deps: Deps,
  payload: { mappingJobId: string },
  signal: AbortSignal,
): Promise<void> {
  if (deps.llm) {
    const job = await findMappingJobAnywhere(deps.database.db, payload.mappingJobId);
    if (job?.status !== 'queued') return;
    if (mayWait(job, deps.now()) && (await isCrowded(deps, job))) return putOff(deps, payload);
  }
  try {
    await runProposal(deps, payload, signal);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'llm.tenant_busy') throw error;
    await putOff(deps, payload);
  }
}

/** Not all at the same moment again. */
function putOff({ producer }: Deps, payload: { mappingJobId: string }): Promise<void> {
  return producer.add('propose-mappings', payload, { delayMs: Math.round(LATER_MS * (0.5 + Math.random())) });
}
