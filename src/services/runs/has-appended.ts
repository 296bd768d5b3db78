import type { Ctx } from '../../context.ts';
import { listWrittenBatches } from '../../db/queries/load-batches.ts';
import { batchIdOf } from '../../domain/batch-id.ts';
import type { LoadJob } from './load-job.ts';
import type { TablePlan } from './plan-table.ts';

/** Whether an earlier try of this load has committed rows to a table that is only ever added to. */
export async function hasAppended(
  ctx: Ctx,
  { runId, connector }: LoadJob,
  plans: readonly TablePlan[],
): Promise<boolean> {
  const written = new Map(
    (await listWrittenBatches(ctx.database.db, ctx.tenantId, runId)).map((batch) => [batch.batchId, batch]),
  );
  const { namespace } = connector;
  for (const { mode, targetTable: table, stream } of plans) {
    const batchId = batchIdOf(runId, { namespace, table, stream });
    const batch = mode === 'append' ? written.get(batchId) : undefined;
    if (batch?.state === 'committed') return true;
    if (batch && (await ctx.lakehouse.findCommit(namespace, table, batchId))) return true;
  }
  return false;
}
