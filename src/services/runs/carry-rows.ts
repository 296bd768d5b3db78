import type { Ctx } from '../../context.ts';
import { insertRejectedRows } from '../../db/queries/rejected-rows.ts';
import { readStagedRows } from '../../db/queries/staged-rows.ts';
import type { TableStats } from '../../domain/stats.ts';
import { InvalidError } from '../../errors.ts';
import type { FieldWriter, LakeBatch } from '../../ports/lakehouse.ts';
import type { LoadJob } from './load-job.ts';
import { createBatchTransform, type RowForm, type TransformedBatch } from './load-rows.ts';
import { oneAhead } from './one-ahead.ts';
import type { TablePlan } from './plan-table.ts';
import { fieldForm, valueForm } from './row-forms.ts';

/** Carries the rows a run touched of one table into a batch of the lakehouse, in the form the batch takes. */
export function carryRows(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  batch: LakeBatch,
  onProgress: (stats: TableStats) => void,
): Promise<TableStats> {
  const { fields } = batch;
  return fields
    ? carry(ctx, job, plan, { form: fieldForm(ctx.expressions), writer: fields, onProgress })
    : carry(ctx, job, plan, { form: valueForm(ctx.expressions), writer: batch, onProgress });
}

interface Carrying<Value> {
  form: RowForm<Value>;
  writer: { [Verb in keyof FieldWriter]: (rows: readonly (readonly Value[])[]) => Promise<void> };
  onProgress(stats: TableStats): void;
}

/** Postgres reads, the expressions run and the lakehouse writes at the same time, each a batch apart. */
async function carry<Value>(
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

export function emptyStats({ stream }: TablePlan, table: string): TableStats {
  return { stream, table, read: 0, loaded: 0, rejected: 0 };
}
