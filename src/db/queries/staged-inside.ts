import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { textOf } from './staged-rows.ts';
import { LOAD_COLUMN, type StagedColumn, type StagedTable } from './staging.ts';

/** Which values of a staged column are right as they stand. */
export type Fit = 'all' | 'plain dates' | 'numbers';

/** How a column of the lakehouse comes from a staged one without leaving the database. */
export type InsideColumn =
  /** As it stands; `same`: of the same Postgres type, else by its text. */
  | { how: 'as it is'; staged: StagedColumn; fit: Fit; same: boolean; isKey: boolean }
  /** What its text became in the worker. */
  | { how: 'by answer'; staged: StagedColumn };

export interface InsideRead {
  table: StagedTable;
  /** In the order of the lakehouse's. */
  columns: readonly InsideColumn[];
  loadId: number;
  /** Says of a row that its source deleted it; null: the table has none such. */
  deletedColumn: string | null;
}

/** A text that is looked up is at most so long. */
const MAX_ANSWERED_BYTES = 1_000;
/** Types whose values are told apart as whole numbers. */
const INTEGERS = new Set(['smallint', 'integer', 'bigint']);
/** Looked at before all rows are: where few repeat it is not worth it. */
const SAMPLE_ROWS = 20_000;

/** `count` of the load's rows, `plain`: 't' when every one of them can come this way. */
export function profileSelect(read: InsideRead): string {
  const plain = conditionsOf(read).map((condition) => `(${condition})`);
  return `select count(*)::text as count, coalesce(bool_and(${plain.join(' and ') || 'true'}), true)::text as plain
    ${from(read)}`;
}

/** Of a sample: `rows`, and d<n> the number of texts column n has there. */
export function sampleSelect(read: InsideRead): string {
  const columns = answered(read);
  const counts = columns.map(({ place }) => `, count(distinct f${place})::text as d${place}`);
  const fields = columns.map(({ place, staged }) => `${fieldOf(read, staged).sql} as f${place}`);
  return `select count(*)::text as rows${counts.join('')}
    from (select ${fields.join(', ')} ${from(read)} limit ${SAMPLE_ROWS}) as sample`;
}

/** `field`: every text of a column, each once, at most one more than `most`. */
export function fieldsSelect(read: InsideRead, place: number, most: number): string {
  const staged = read.columns[place]?.staged;
  const field = staged ? fieldOf(read, staged).sql : 'null';
  return `select field::text as field from (select distinct ${field} as field ${from(read)}) as found
    limit ${BigInt(most) + 1n}`;
}

/** By which Postgres type the texts of a column are looked up. */
export function fieldTypeOf(read: InsideRead, place: number): string {
  const staged = read.columns[place]?.staged;
  return staged ? fieldOf(read, staged).type : 'text';
}

/**
 * The rows themselves; `answers` are the tables (field, answer) by the place of their column. A row that cannot come this way is an error
 * (division by zero), not a condition: of conditions the planner would guess how few rows hold them, and join as if there were hardly any.
 */
export function insideSelect(read: InsideRead, answers: ReadonlyMap<number, string>): string {
  const joins = answered(read).map(
    ({ place, staged }) =>
      `left join ${answers.get(place)} as a${place} on a${place}.field = ${fieldOf(read, staged).sql}`,
  );
  const known = answered(read).map(
    ({ place, staged }) => `(a${place}.field is not null or ${presence(read, staged)} is null)`,
  );
  const [first = 'null', ...others] = read.columns.map((column, place) =>
    selected(read, column, place, answers),
  );
  const conditions = [...conditionsOf(read), ...known];
  const checked =
    conditions.length === 0
      ? first
      : `case when ${conditions.join(' and ')} then ${first}
          when 1 / (staged.${LOAD_COLUMN} - staged.${LOAD_COLUMN}) = 0 then ${first} end`;
  return `select ${[checked, ...others].join(', ')} ${from(read, joins.join(' '))}`;
}

interface AnsweredColumn {
  place: number;
  staged: StagedColumn;
}

function answered({ columns }: InsideRead): AnsweredColumn[] {
  return columns.flatMap(({ how, staged }, place) => (how === 'by answer' ? [{ place, staged }] : []));
}

function from({ table, loadId }: InsideRead, joins = ''): string {
  return `from ${quoteTable(table.schema, table.table)} as staged ${joins}
    where staged.${LOAD_COLUMN} = ${BigInt(loadId)}`;
}

/** What is true, never null, of a row that can come this way. */
function conditionsOf(read: InsideRead): string[] {
  const deleted = read.deletedColumn;
  return [
    ...(deleted === null ? [] : [`staged.${quoteIdentifier(deleted)} is null`]),
    ...read.columns.flatMap((column) => conditionsOn(read, column)),
  ];
}

function conditionsOn(read: InsideRead, column: InsideColumn): string[] {
  const value = presence(read, column.staged);
  if (column.how === 'by answer')
    return [
      `coalesce(octet_length((${fieldOf(read, column.staged).sql})::text), 0) <= ${MAX_ANSWERED_BYTES}`,
    ];
  const { fit, isKey } = column;
  const fits = {
    all: [],
    // neither infinity nor BC nor a year of five digits
    'plain dates': [`(${value} is null or (${value} >= '0001-01-01' and ${value} < '10000-01-01'))`],
    numbers: [`(${value} is null or ${value}::numeric <> 'NaN')`],
  }[fit];
  return isKey ? [...fits, `${value} is not null`] : fits;
}

function selected(
  read: InsideRead,
  column: InsideColumn,
  place: number,
  answers: ReadonlyMap<number, string>,
): string {
  if (column.how === 'as it is')
    return column.same ? presence(read, column.staged) : textIn(read, column.staged);
  return `case when ${presence(read, column.staged)} is null
    then (select answer from ${answers.get(place)} where field is null) else a${place}.answer end`;
}

/** What tells the texts of a column apart: themselves, byte by byte, or a whole number that has but one. */
function fieldOf(read: InsideRead, staged: StagedColumn): { sql: string; type: string } {
  return INTEGERS.has(staged.type) && has(read, staged)
    ? { sql: `${presence(read, staged)}::bigint`, type: 'bigint' }
    : { sql: `(${textIn(read, staged)}) collate "C"`, type: 'text collate "C"' };
}

function has({ table }: InsideRead, { name }: StagedColumn): boolean {
  return table.columns.some((column) => column.name === name);
}

/** The value itself; a column the table lacks reads as null. */
function presence(read: InsideRead, staged: StagedColumn): string {
  return has(read, staged) ? `staged.${quoteIdentifier(staged.name)}` : 'null::text';
}

function textIn(read: InsideRead, staged: StagedColumn): string {
  return has(read, staged) ? textOf(staged) : 'null::text';
}
