import { setTimeout as sleep } from 'node:timers/promises';
import type { Ctx } from '../../context.ts';
import { findSyncRun } from '../../db/queries/run-outcome.ts';

export type Outcome =
  | { done: true; runId: string; status: string; rowsLoaded: number; rowsFailed: number; tables: string[] }
  | { done: false; runId: string };

const FIRST_POLL_MS = 40;
const LONGEST_POLL_MS = 500;

/** Waits until a run has its history row, at most timeoutMs. A run that ended long ago answers at once. */
export async function awaitOutcome(
  ctx: Ctx,
  { runId, timeoutMs, signal }: { runId: string; timeoutMs: number; signal?: AbortSignal },
): Promise<Outcome> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = FIRST_POLL_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_POLL_MS)) {
    const run = await findSyncRun(ctx.database.db, ctx.tenantId, runId);
    if (run) return ended(run);
    if (Date.now() + pauseMs > deadline || signal?.aborted) return { done: false, runId };
    await sleep(pauseMs);
  }
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
