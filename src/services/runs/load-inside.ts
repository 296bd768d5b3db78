import type { Ctx } from '../../context.ts';
import {
  fieldsSelect,
  fieldTypeOf,
  type InsideColumn,
  type InsideRead,
  insideSelect,
  profileSelect,
  sampleSelect,
} from '../../db/queries/staged-inside.ts';
import { noticeStagedRows } from '../../db/queries/staged-rows.ts';
import { COPY_NULL, copyField } from '../../domain/copy-text.ts';
import type { LakeType } from '../../domain/lake-type.ts';
import type { TableStats } from '../../domain/stats.ts';
import type { InsideWriter } from '../../ports/lake-inside.ts';
import type { LakeBatch } from '../../ports/lakehouse.ts';
import { createFieldTransformer } from '../../transform/field-transformer.ts';
import { fitOf } from '../../transform/pass-through.ts';
import { emptyStats } from './carry-rows.ts';
import type { LoadJob } from './load-job.ts';
import { keysComeOnce, type PlannedColumn, type TablePlan } from './plan-table.ts';

/** Fewer rows are carried as fast, and have less to be prepared. */
export const INSIDE_FROM_ROWS = 10_000;
/** A column with more texts than this is transformed as it is read. */
const MAX_FIELDS = 20_000;
const FIELDS_AT_ONCE = 5_000;
const DELETED_AT = '_sdc_deleted_at';

/**
 * Carries the rows a run touched without taking them out of the database, where staging and lakehouse are one: what is right as it stands
 * is copied by SQL, of what has a transform or a cast each text is worked out once, by the same code as ever, and looked up. All rows or
 * none: null when there are few, when one of them would be rejected, removed or replaced by another, or when a column has too many texts.
 * Memory does not grow with the rows.
 */
export async function carryInside(
  ctx: Ctx,
  job: LoadJob,
  plan: TablePlan,
  batch: LakeBatch,
): Promise<TableStats | null> {
  const { inside } = batch;
  const read = inside ? insideRead(plan, job.loadId) : null;
  if (!inside || !read) return null;
  const count = await unlessStopped(job.signal, () => carry(ctx, job, { plan, inside, read }));
  if (count === null) return null;
  const stats = emptyStats(plan, `${job.connector.namespace}.${plan.targetTable}`);
  return { ...stats, read: count, loaded: count };
}

interface Carrying {
  plan: TablePlan;
  inside: InsideWriter;
  read: InsideRead;
}

async function carry(ctx: Ctx, job: LoadJob, { plan, inside, read }: Carrying): Promise<number | null> {
  const [profile] = await inside.read(profileSelect(read));
  const count = Number(profile?.['count']);
  if (count < (job.insideFromRows ?? INSIDE_FROM_ROWS) || profile?.['plain'] !== 'true') return null;
  await noticeStagedRows(ctx.database.sql, plan.table, count);
  if (!(await repeats(inside, read)) || !(await inside.ready())) return null;
  const answers = new Map<number, string>();
  for (const [place, column] of plan.columns.entries()) {
    if (read.columns[place]?.how !== 'by answer') continue;
    const pairs = await answersOf(ctx, column, await fieldsOf(inside, read, place));
    if (!pairs) return null;
    answers.set(place, await inside.keep({ column: place, fieldType: fieldTypeOf(read, place), pairs }));
    await job.guard();
  }
  return (await inside.take(insideSelect(read, answers), count)) ? count : null;
}

/** So many texts are worth looking up however few rows have them. */
const FEW_FIELDS = 1_000;

/** Whether it is worth asking for all texts of the columns that need it. */
async function repeats(inside: InsideWriter, read: InsideRead): Promise<boolean> {
  if (read.columns.every(({ how }) => how === 'as it is')) return true;
  const [sample = {}] = await inside.read(sampleSelect(read));
  const { rows, ...texts } = sample;
  return Object.values(texts).every((count) => Number(count) <= Math.max(FEW_FIELDS, Number(rows) / 2));
}

async function fieldsOf(
  inside: InsideWriter,
  read: InsideRead,
  place: number,
): Promise<(string | null)[] | null> {
  const rows = await inside.read(fieldsSelect(read, place, MAX_FIELDS));
  return rows.length > MAX_FIELDS ? null : rows.map(({ field }) => field ?? null);
}

/** Null: there are too many fields, or one would be rejected. */
async function answersOf(
  ctx: Ctx,
  column: PlannedColumn,
  texts: readonly (string | null)[] | null,
): Promise<(readonly [string, string])[] | null> {
  if (texts === null) return null;
  const { transform } = createFieldTransformer({ columns: [column], engine: ctx.expressions });
  const fields = texts.map((text) => (text === null ? COPY_NULL : copyField(text)));
  const pairs: (readonly [string, string])[] = [];
  for (let from = 0; from < fields.length; from += FIELDS_AT_ONCE) {
    const some = fields.slice(from, from + FIELDS_AT_ONCE);
    const { rows, rejected } = await transform(some.map((field) => [field]));
    if (rejected.length > 0) return null;
    for (const { index, values } of rows) pairs.push([some[index] ?? COPY_NULL, values[0] ?? COPY_NULL]);
  }
  return pairs;
}

/** A statement cannot be told to stop; who waits for it can. The batch is then aborted, and the server notices. */
async function unlessStopped<Value>(signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const working = work();
    working.catch(() => {});
    return await Promise.race([working, stopped.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Null: rows of this table cannot come this way. Only Ivory's own loader leaves its rows alone while they are loaded. */
function insideRead(plan: TablePlan, loadId: number): InsideRead | null {
  const { table, keys, mode } = plan;
  if (table.stream === null || table.adopted) return null;
  if (mode === 'upsert' && keys.length > 0 && !keysComeOnce(plan)) return null;
  const columns = plan.columns.map((column) => insideColumn(plan, column));
  const deletedColumn = table.columns.some(({ name }) => name === DELETED_AT) ? DELETED_AT : null;
  const keysStand = columns.every((column, n) => column.how === 'as it is' || !isKey(plan, plan.columns[n]));
  return keysStand ? { table, columns, loadId, deletedColumn } : null;
}

function insideColumn(plan: TablePlan, column: PlannedColumn): InsideColumn {
  const { sourceColumn, stagingType, targetType, transformFn } = column;
  const staged = plan.table.columns.find(({ name }) => name === sourceColumn);
  const fit = transformFn === null ? fitOf(stagingType, targetType) : null;
  if (!staged || fit === null)
    return { how: 'by answer', staged: staged ?? { name: sourceColumn, type: 'text' } };
  const same = isSame(staged.type, targetType);
  return { how: 'as it is', staged, fit, same, isKey: isKey(plan, column) };
}

function isKey({ keys }: TablePlan, column: PlannedColumn | undefined): boolean {
  return column !== undefined && keys.includes(column.targetColumn);
}

/** Types whose values need not become text on the way; every other staged type is read as it prints. */
const SAME: Partial<Record<LakeType['kind'], readonly string[]>> = {
  string: ['text', 'character varying'],
  boolean: ['boolean'],
  int: ['smallint', 'integer'],
  long: ['smallint', 'integer', 'bigint'],
  double: ['double precision'],
  date: ['date'],
  timestamp: ['timestamp without time zone'],
  timestamptz: ['timestamp with time zone'],
  binary: ['bytea'],
  uuid: ['uuid'],
  json: ['json'],
};

function isSame(stagingType: string, { kind }: LakeType): boolean {
  return kind === 'decimal'
    ? stagingType.startsWith('numeric')
    : (SAME[kind]?.includes(stagingType) ?? false);
}
