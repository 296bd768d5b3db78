import type { StagedFields } from '../../db/queries/staged-rows.ts';
import type { StagedColumn } from '../../db/queries/staging.ts';
import { COPY_NULL } from '../../domain/copy-text.ts';
import { FIVETRAN_DELETED, isFivetranTable } from '../../domain/fivetran-staging.ts';
import type { RowTransformer } from '../../transform/row-transformer.ts';
import type { PlannedColumn, TablePlan } from './plan-table.ts';
import { type Rejection, rowNamer } from './rejection.ts';

const DELETED_AT = '_sdc_deleted_at';

/** What to do with a batch of staged rows, in their order: write, then remove, step by step. */
export interface TransformedBatch<Value> {
  steps: { rows: Value[][]; keys: Value[][] }[];
  /** Staged rows there were. */
  count: number;
  /** Rows written or removed. */
  accepted: number;
  /** One a column that failed. */
  rejections: Rejection[];
  /** Rows with at least one rejection. */
  rejectedRows: number;
  /** Deleted at the source, and no key to find them by. */
  skipped: number;
}

export interface BatchTransform<Value> {
  /** What to read of the staging table, in this order. */
  columns: StagedColumn[];
  /** One batch after the other, in reading order. */
  apply(rows: readonly StagedFields[]): Promise<TransformedBatch<Value>>;
}

/** What rows are made of on their way into a lakehouse: values, or fields of COPY's text format. */
export interface RowForm<Value> {
  transformer(columns: readonly PlannedColumn[]): RowTransformer<string, Value>;
  /** NULL in this form. */
  none: Value;
}

type Fate<Value> = { values: Value[] } | { key: Value[] } | undefined;
interface Failure {
  index: number;
  column: string;
  expression: string | null;
  error: string;
}

/** Turns staged rows into lakehouse rows and keys to remove. Rows without a staged key are named by their place in the reading order. */
export function createBatchTransform<Value>(plan: TablePlan, form: RowForm<Value>): BatchTransform<Value> {
  const columns = readColumns(plan);
  const deletedAt = columns.length - 1;
  const live = liveRows(plan, form);
  const gone = plan.keys.length > 0 ? goneRows(plan, form) : null;
  const nameOf = rowNamer(plan, columns);
  let before = 0;

  return {
    columns,
    async apply(rows) {
      const first = before;
      before += rows.length;
      const [alive, deleted] = partition(rows, deletedAt);
      const fates = new Array<Fate<Value>>(rows.length);
      const failures: Failure[] = [];
      if (alive.length > 0) await live(rows, alive, fates, failures);
      if (deleted.length > 0) await gone?.(rows, deleted, fates, failures);
      const rejections = failures.map(({ index, ...failure }) => ({
        ...failure,
        error: failure.error.replaceAll('\0', ''),
        ...nameOf(rows[index] ?? [], first + index),
      }));
      return {
        ...stepsOf(fates),
        count: rows.length,
        rejections,
        rejectedRows: new Set(failures.map(({ index }) => index)).size,
        skipped: gone ? 0 : deleted.length,
      };
    },
  };
}

/** Decides the fates of the rows at these places. */
type Decide<Value> = (
  rows: readonly StagedFields[],
  at: readonly number[],
  fates: Fate<Value>[],
  failures: Failure[],
) => Promise<void>;

function liveRows<Value>(plan: TablePlan, { transformer, none }: RowForm<Value>): Decide<Value> {
  const { transform } = transformer(plan.columns);
  const keyPlaces = plan.keys.map((key) =>
    plan.columns.findIndex(({ targetColumn }) => targetColumn === key),
  );
  return async (rows, at, fates, failures) => {
    const chosen = at.length === rows.length ? rows : at.map((index) => rows[index] ?? []);
    const result = await transform(chosen);
    for (const { index, values } of result.rows) {
      const missing = keyPlaces.findIndex((place) => values[place] === none);
      if (missing >= 0) failures.push(keyIsNull(at[index] ?? 0, plan.keys[missing] ?? ''));
      else fates[at[index] ?? 0] = { values };
    }
    failures.push(...placed(result.rejected, at));
  };
}

function goneRows<Value>(plan: TablePlan, { transformer, none }: RowForm<Value>): Decide<Value> {
  const keyColumns = plan.columns.filter(({ targetColumn }) => plan.keys.includes(targetColumn));
  const keyPlaces = plan.keys.map((key) => keyColumns.findIndex(({ targetColumn }) => targetColumn === key));
  const sources = keyColumns.map((column) => plan.columns.indexOf(column));
  const { transform } = transformer(keyColumns);
  return async (rows, at, fates, failures) => {
    const result = await transform(
      at.map((index) => sources.map((source) => rows[index]?.[source] ?? COPY_NULL)),
    );
    for (const { index, values } of result.rows)
      fates[at[index] ?? 0] = { key: keyPlaces.map((place) => values[place] ?? none) };
    failures.push(...placed(result.rejected, at));
  };
}

function placed(rejected: readonly Failure[], at: readonly number[]): Failure[] {
  return rejected.map((failure) => ({ ...failure, index: at[failure.index] ?? 0 }));
}

/** The plan's columns, the staged key, and last whether the source deleted the row. */
function readColumns(plan: TablePlan): StagedColumn[] {
  return [
    ...plan.columns.map(({ sourceColumn }) => sourceColumn),
    ...plan.table.primaryKey,
    deletionColumn(plan),
  ].map((name) => typed(plan, name));
}

function typed(plan: TablePlan, name: string): StagedColumn {
  return plan.table.columns.find((column) => column.name === name) ?? { name, type: 'text' };
}

/** Fivetran says true or false, Singer loaders when. */
function deletionColumn({ table }: TablePlan): string {
  return isFivetranTable(table) ? FIVETRAN_DELETED : DELETED_AT;
}

function partition(rows: readonly StagedFields[], deletedAt: number): [number[], number[]] {
  const alive: number[] = [];
  const gone: number[] = [];
  rows.forEach((row, index) => {
    (isAlive(row[deletedAt]) ? alive : gone).push(index);
  });
  return [alive, gone];
}

function isAlive(deleted: string | undefined): boolean {
  return deleted === COPY_NULL || deleted === 'false';
}

/** Groups the fates so that replaying the steps keeps the order of the rows. */
function stepsOf<Value>(fates: readonly Fate<Value>[]): Pick<TransformedBatch<Value>, 'steps' | 'accepted'> {
  const steps: TransformedBatch<Value>['steps'] = [];
  let accepted = 0;
  for (const fate of fates) {
    if (!fate) continue;
    accepted += 1;
    let step = steps.at(-1);
    if (!step || ('values' in fate && step.keys.length > 0)) {
      step = { rows: [], keys: [] };
      steps.push(step);
    }
    if ('values' in fate) step.rows.push(fate.values);
    else step.keys.push(fate.key);
  }
  return { steps, accepted };
}

function keyIsNull(index: number, column: string): Failure {
  return {
    index,
    column,
    expression: null,
    error: 'The key has no value, so the row cannot be told from others.',
  };
}
