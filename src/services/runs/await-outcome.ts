import type { Ctx } from '../../context.ts';
import { findSyncRun } from '../../db/queries/run-outcome.ts';
import { pollRow } from '../poll-row.ts';

export type Outcome =
  | { done: true; runId: string; status: string; rowsLoaded: number; rowsFailed: number; tables: string[] }
  | { done: false; runId: string };

/** Waits until a run has its history row, at most timeoutMs. A run that ended long ago answers at once. */
export async function awaitOutcome(
  ctx: Ctx,
  { runId, timeoutMs, signal }: { runId: string; timeoutMs: number; signal?: AbortSignal },
): Promise<Outcome> {
  const run = await pollRow(() => findSyncRun(ctx.database.db, ctx.tenantId, runId), { timeoutMs, signal });
  return run ? ended(run) : { done: false, runId };
}

function ended(run: NonNullable<Awaited<ReturnType<typeof findSyncRun>>>): Outcome {
  return {
    done: true,
    runId: run.id,
    status: run.status,
    rowsLoaded: run.rowsLoaded,
    rowsFailed: run.transformErrors,
    tables: [...new Set(run.tables.map((table) => table.table))],
  };
}
