import { createHash } from 'node:crypto';
import type { StagedTexts } from '../../db/queries/staged-rows.ts';
import type { StagedColumn } from '../../db/queries/staging.ts';
import { FIVETRAN_DELETED, isFivetranTable } from '../../domain/fivetran-staging.ts';
import type { LakeValue } from '../../domain/lake-type.ts';
import type { ExpressionEngine } from '../../ports/expressions.ts';
import { createRowTransformer } from '../../transform/row-transformer.ts';
import type { TablePlan } from './plan-table.ts';

const DELETED_AT = '_sdc_deleted_at';
/** A key is part of an index row of at most 2,700 bytes. */
const MAX_KEY_CHARACTERS = 500;

export interface Rejection {
  rowKey: string;
  /** JSON: staged column -> its text. */
  row: string;
  column: string;
  expression: string | null;
  error: string;
}

/** What to do with a batch of staged rows, in their order: write, then remove, step by step. */
export interface TransformedBatch {
  steps: { rows: LakeValue[][]; keys: LakeValue[][] }[];
  /** Rows written or removed. */
  accepted: number;
  /** One a column that failed. */
  rejections: Rejection[];
  /** Rows with at least one rejection. */
  rejectedRows: number;
  /** Deleted at the source, and no key to find them by. */
  skipped: number;
}

export interface BatchTransform {
  /** What to read of the staging table, in this order. */
  columns: StagedColumn[];
  apply(rows: readonly StagedTexts[]): Promise<TransformedBatch>;
}

type Fate = { values: LakeValue[] } | { key: LakeValue[] } | undefined;
interface Failure {
  index: number;
  column: string;
  expression: string | null;
  error: string;
}

/** Turns staged rows into lakehouse rows and keys to remove. Rows without a staged key are named by their place in the reading order. */
export function createBatchTransform(plan: TablePlan, engine: ExpressionEngine): BatchTransform {
  const keyColumns = plan.columns.filter(({ targetColumn }) => plan.keys.includes(targetColumn));
  const keyPlaces = plan.keys.map((key) => keyColumns.findIndex(({ targetColumn }) => targetColumn === key));
  const rowTransformer = createRowTransformer({ columns: plan.columns, engine });
  const keyTransformer = plan.keys.length > 0 ? createRowTransformer({ columns: keyColumns, engine }) : null;
  const columns = readColumns(plan);
  const deletedAt = columns.length - 1;
  const keySources = keyColumns.map((column) => plan.columns.indexOf(column));
  const valuePlaces = plan.keys.map((key) =>
    plan.columns.findIndex(({ targetColumn }) => targetColumn === key),
  );
  const nameOf = rowNamer(plan, columns);
  let before = 0;

  async function live(
    rows: readonly StagedTexts[],
    at: readonly number[],
    fates: Fate[],
    failures: Failure[],
  ) {
    const result = await rowTransformer.transform(at.map((index) => rows[index] ?? []));
    for (const { index, values } of result.rows) {
      const missing = valuePlaces.findIndex((place) => values[place] === null);
      if (missing >= 0) failures.push(keyIsNull(at[index] ?? 0, plan.keys[missing] ?? ''));
      else fates[at[index] ?? 0] = { values };
    }
    failures.push(...result.rejected.map((failure) => ({ ...failure, index: at[failure.index] ?? 0 })));
  }

  async function deleted(
    rows: readonly StagedTexts[],
    at: readonly number[],
    fates: Fate[],
    failures: Failure[],
  ) {
    if (!keyTransformer) return;
    const sources = at.map((index) => keySources.map((source) => rows[index]?.[source] ?? null));
    const result = await keyTransformer.transform(sources);
    for (const { index, values } of result.rows)
      fates[at[index] ?? 0] = { key: keyPlaces.map((n) => values[n] ?? null) };
    failures.push(...result.rejected.map((failure) => ({ ...failure, index: at[failure.index] ?? 0 })));
  }

  return {
    columns,
    async apply(rows) {
      const [alive, gone] = partition(rows, deletedAt);
      const fates: Fate[] = new Array(rows.length);
      const failures: Failure[] = [];
      if (alive.length > 0) await live(rows, alive, fates, failures);
      if (gone.length > 0) await deleted(rows, gone, fates, failures);
      const first = before;
      before += rows.length;
      const rejections = failures.map(({ index, ...failure }) => ({
        ...failure,
        error: failure.error.replaceAll('\0', ''),
        ...nameOf(rows[index] ?? [], first + index),
      }));
      return {
        ...stepsOf(fates),
        rejections,
        rejectedRows: new Set(failures.map(({ index }) => index)).size,
        skipped: plan.keys.length === 0 ? gone.length : 0,
      };
    },
  };
}

/** The plan's columns, the staged key, and last whether the source deleted the row. */
function readColumns(plan: TablePlan): StagedColumn[] {
  const text = (name: string): StagedColumn => ({ name, type: 'text' });
  return [
    ...plan.columns.map(({ sourceColumn }) => typed(plan, sourceColumn)),
    ...plan.table.primaryKey.map(text),
    text(deletionColumn(plan)),
  ];
}

function typed(plan: TablePlan, name: string): StagedColumn {
  return plan.table.columns.find((column) => column.name === name) ?? { name, type: 'text' };
}

/** Fivetran says true or false, Singer loaders when. */
function deletionColumn({ table }: TablePlan): string {
  return isFivetranTable(table) ? FIVETRAN_DELETED : DELETED_AT;
}

function partition(rows: readonly StagedTexts[], deletedAt: number): [number[], number[]] {
  const alive: number[] = [];
  const gone: number[] = [];
  rows.forEach((row, index) => {
    (isAlive(row[deletedAt]) ? alive : gone).push(index);
  });
  return [alive, gone];
}

function isAlive(deleted: string | null | undefined): boolean {
  return deleted === null || deleted === 'false';
}

/** Groups the fates so that replaying the steps keeps the order of the rows. */
function stepsOf(fates: readonly Fate[]): Pick<TransformedBatch, 'steps' | 'accepted'> {
  const steps: TransformedBatch['steps'] = [];
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

function rowNamer(plan: TablePlan, columns: readonly StagedColumn[]) {
  const names = columns.slice(0, -1).map(({ name }) => name);
  const keyFrom = plan.columns.length;
  return (row: StagedTexts, place: number): Pick<Rejection, 'rowKey' | 'row'> => {
    const key = plan.table.primaryKey.map((_, n) => row[keyFrom + n] ?? null);
    return {
      rowKey: key.length > 0 ? shortened(JSON.stringify(key)) : `#${place}`,
      row: JSON.stringify(Object.fromEntries(names.map((name, n) => [name, row[n] ?? null]))),
    };
  };
}

function shortened(key: string): string {
  if (key.length <= MAX_KEY_CHARACTERS) return key;
  const hash = createHash('sha256').update(key).digest('hex');
  return `${key.slice(0, MAX_KEY_CHARACTERS - hash.length).toWellFormed()}${hash}`;
}

function keyIsNull(index: number, column: string): Failure {
  return {
    index,
    column,
    expression: null,
    error: 'The key has no value, so the row cannot be told from others.',
  };
}
