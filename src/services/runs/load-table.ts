import type { Ctx } from '../../context.ts';
import { type LoadBatchRow, saveLoadBatch, stageLoadBatch } from '../../db/queries/load-batches.ts';
import { deleteRejectedRows } from '../../db/queries/rejected-rows.ts';
import { hasStagedRows } from '../../db/queries/staging.ts';
import { batchIdOf } from '../../domain/batch-id.ts';
import type { TableStats } from '../../domain/stats.ts';
import type { BatchSpec, LakeBatch } from '../../ports/lakehouse.ts';
import { carryRows, emptyStats } from './carry-rows.ts';
import { carryInside } from './load-inside.ts';
import type { LoadJob } from './load-job.ts';
import { keysComeOnce, type TablePlan } from './plan-table.ts';
import { settleTypes } from './settle-types.ts';
import { timedLoad } from './timed-load.ts';

/**
 * Loads the rows one run touched of one stream into one table, exactly once: a batch that is committed already is only counted.
 * `loaded` counts the rows the table reflects: written, whether or not a later row of the run has the same key, or removed because the
 * source deleted them. So read = loaded + rejected; rows deleted at the source that no key can find are left out of `read` and are in
 * `skipped`. Null: the run touched no row. Errors: InvalidError `load.*`, `lakehouse.*`, UnavailableError, LostLeaseError, the signal's reason.
 */
export async function loadTable(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  onProgress: (stats: TableStats) => void,
): Promise<TableStats | null> {
  if (!(await hasStagedRows(ctx.database.sql, plan.table, job.loadId))) return null;
  const spec = batchSpec(ctx, job, plan);
  const before = await stageLoadBatch(ctx.database.db, {
    tenantId: ctx.tenantId,
    batchId: spec.batchId,
    runId: job.runId,
    stream: plan.stream,
    table: tableName(spec),
  });
  if (before.state === 'committed') return statsOf(plan, before);
  if (await ctx.lakehouse.findCommit(spec.namespace, spec.table, spec.batchId))
    return timedLoad(ctx, job.signal, () => recover(ctx, plan, before));
  return timedLoad(ctx, job.signal, async () => {
    const settled = await settleTypes(ctx, plan, { namespace: spec.namespace, loadId: job.loadId });
    return writeTable(ctx, job, settled, { spec: batchSpec(ctx, job, settled), onProgress });
  });
}

interface Writing {
  spec: BatchSpec;
  onProgress(stats: TableStats): void;
}

async function writeTable(ctx: Ctx, job: LoadJob, plan: TablePlan, { spec, onProgress }: Writing) {
  await deleteRejectedRows(
    ctx.database.db,
    { tenantId: ctx.tenantId, runId: job.runId, stream: plan.stream },
    [...plan.columns, ...plan.emptyColumns].map(({ targetColumn }) => targetColumn),
  );
  await ctx.lakehouse.ensureTable({ ...spec, columns: lakeColumns([...plan.columns, ...plan.emptyColumns]) });
  const batch = await ctx.lakehouse.openBatch(spec);
  try {
    const stats =
      (await carryInside(ctx, job, plan, batch)) ?? (await carryRows(ctx, job, plan, batch, onProgress));
    onProgress(stats);
    return await commit(ctx, job, plan, batch, spec, stats);
  } finally {
    await batch.abort();
  }
}

async function commit(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  batch: LakeBatch,
  spec: BatchSpec,
  stats: TableStats,
) {
  const key = { tenantId: ctx.tenantId, batchId: spec.batchId };
  const counts = { rowsRead: stats.read, rowsLoaded: stats.loaded, rowsRejected: stats.rejected };
  job.signal.throwIfAborted();
  await job.guard();
  await saveLoadBatch(ctx.database.db, key, { ...counts, state: 'staged' });
  if (plan.mode === 'append') job.onAppended?.(true);
  await ctx.tracing.span('lakehouse.commit', { attributes: { 'ivory.rows': stats.loaded } }, () =>
    batch.commit(job.guardCommit),
  );
  await saveLoadBatch(ctx.database.db, key, { state: 'committed' });
  return { ...stats, ...missingOf(plan) };
}

/** A commit whose answer was lost: its counts were kept just before it. */
async function recover(ctx: Ctx, plan: TablePlan, before: LoadBatchRow): Promise<TableStats> {
  await saveLoadBatch(ctx.database.db, before, { state: 'committed' });
  return statsOf(plan, before);
}

function batchSpec(ctx: Ctx, job: LoadJob, plan: TablePlan): BatchSpec {
  const { namespace } = job.connector;
  return {
    tenantId: ctx.tenantId,
    batchId: batchIdOf(job.runId, { namespace, table: plan.targetTable, stream: plan.stream }),
    namespace,
    table: plan.targetTable,
    columns: lakeColumns(plan.columns),
    keys: plan.keys,
    mode: plan.mode,
    keysOnce: keysComeOnce(plan),
  };
}

function lakeColumns(columns: TablePlan['columns']) {
  return columns.map(({ targetColumn, targetType }) => ({ name: targetColumn, type: targetType }));
}

function statsOf(plan: TablePlan, { table, rowsRead, rowsLoaded, rowsRejected }: LoadBatchRow): TableStats {
  return {
    ...emptyStats(plan, table),
    read: rowsRead,
    loaded: rowsLoaded,
    rejected: rowsRejected,
    ...missingOf(plan),
  };
}

function missingOf({ missingFields }: TablePlan): Pick<TableStats, 'missingFields'> {
  return missingFields.length > 0 ? { missingFields } : {};
}

function tableName({ namespace, table }: BatchSpec): string {
  return `${namespace}.${table}`;
}
