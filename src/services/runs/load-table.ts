import type { Ctx } from '../../context.ts';
import { type LoadBatchRow, saveLoadBatch, stageLoadBatch } from '../../db/queries/load-batches.ts';
import { deleteRejectedRows, insertRejectedRows } from '../../db/queries/rejected-rows.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import { readStagedRows } from '../../db/queries/staged-rows.ts';
import { hasStagedRows } from '../../db/queries/staging.ts';
import { batchIdOf } from '../../domain/batch-id.ts';
import type { TableStats } from '../../domain/stats.ts';
import { InvalidError } from '../../errors.ts';
import type { BatchSpec, FieldWriter, LakeBatch } from '../../ports/lakehouse.ts';
import type { CommitGuard } from '../../ports/runner.ts';
import { createBatchTransform, type RowForm, type TransformedBatch } from './load-rows.ts';
import { oneAhead } from './one-ahead.ts';
import { keysComeOnce, type TablePlan } from './plan-table.ts';
import { fieldForm, valueForm } from './row-forms.ts';
import { settleTypes } from './settle-types.ts';

export interface LoadJob {
  runId: string;
  loadId: number;
  connector: ConnectorRow;
  /** Throws LostLeaseError when this worker lost the run. */
  guard(): Promise<void>;
  /** The same, for the transaction that publishes. */
  guardCommit?: CommitGuard;
  signal: AbortSignal;
}

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
    return recover(ctx, plan, before);
  const { namespace } = spec;
  const settled = await settleTypes(ctx, plan, { namespace, loadId: job.loadId });
  return writeTable(ctx, job, settled, { spec: batchSpec(ctx, job, settled), onProgress });
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
    const stats = await writeRows(ctx, job, plan, batch, onProgress);
    return await commit(ctx, job, plan, batch, spec, stats);
  } finally {
    await batch.abort();
  }
}

function writeRows(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  batch: LakeBatch,
  onProgress: (stats: TableStats) => void,
): Promise<TableStats> {
  const { fields } = batch;
  return fields
    ? carryRows(ctx, job, plan, { form: fieldForm(ctx.expressions), writer: fields, onProgress })
    : carryRows(ctx, job, plan, { form: valueForm(ctx.expressions), writer: batch, onProgress });
}

interface Carrying<Value> {
  form: RowForm<Value>;
  writer: { [Verb in keyof FieldWriter]: (rows: readonly (readonly Value[])[]) => Promise<void> };
  onProgress(stats: TableStats): void;
}

/** Postgres reads, the expressions run and the lakehouse writes at the same time, each a batch apart. */
async function carryRows<Value>(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  { form, writer, onProgress }: Carrying<Value>,
): Promise<TableStats> {
  const transform = createBatchTransform(plan, form);
  const stats = emptyStats(plan, `${job.connector.namespace}.${plan.targetTable}`);
  let skipped = 0;
  let expected = 0;
  const staged = readStagedRows(ctx.database.pool, {
    table: plan.table,
    columns: transform.columns,
    loadId: job.loadId,
    bySequence: plan.keys.length > 0,
    // another loader may write the table meanwhile: what it touches is the next run's
    onCount: (rows: number) => {
      expected = rows;
    },
  });
  for await (const done of oneAhead(staged, transform.apply)) {
    job.signal.throwIfAborted();
    await job.guard();
    await keepRejected(ctx, job, plan, done);
    for (const { rows, keys } of done.steps) {
      if (rows.length > 0) await writer.write(rows);
      if (keys.length > 0) await writer.remove(keys);
    }
    skipped += done.skipped;
    stats.read += done.count - done.skipped;
    stats.loaded += done.accepted;
    stats.rejected += done.rejectedRows;
    if (skipped > 0) stats.skipped = skipped;
    onProgress({ ...stats });
  }
  checkCounts(stats, expected);
  return stats;
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
  await batch.commit(job.guardCommit);
  await saveLoadBatch(ctx.database.db, key, { state: 'committed' });
  return { ...stats, ...missingOf(plan) };
}

/** A commit whose answer was lost: its counts were kept just before it. */
async function recover(ctx: Ctx, plan: TablePlan, before: LoadBatchRow): Promise<TableStats> {
  await saveLoadBatch(ctx.database.db, before, { state: 'committed' });
  return statsOf(plan, before);
}

async function keepRejected(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  { rejections }: Pick<TransformedBatch<unknown>, 'rejections'>,
) {
  const owner = {
    tenantId: ctx.tenantId,
    connectorId: job.connector.id,
    runId: job.runId,
    stream: plan.stream,
  };
  await insertRejectedRows(
    ctx.database.db,
    rejections.map((rejection) => ({ ...owner, ...rejection })),
  );
}

/** Every row the run touched was read, and every row read is either in the table or among the rejected. */
function checkCounts(stats: TableStats, expected: number): void {
  const { read, loaded, rejected, skipped = 0 } = stats;
  if (read === loaded + rejected && read + skipped === expected) return;
  throw new InvalidError(
    'load.counts_disagree',
    `Stream "${stats.stream}" into ${stats.table}: ${expected} rows were staged, ${read} read, ${loaded} loaded, ${rejected} rejected.`,
  );
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

function emptyStats({ stream }: TablePlan, table: string): TableStats {
  return { stream, table, read: 0, loaded: 0, rejected: 0 };
}

function missingOf({ missingFields }: TablePlan): Pick<TableStats, 'missingFields'> {
  return missingFields.length > 0 ? { missingFields } : {};
}

function tableName({ namespace, table }: BatchSpec): string {
  return `${namespace}.${table}`;
}
