import postgres from 'postgres';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { Sql } from '../client.ts';
import { LOAD_COLUMN, type StagedColumn, type StagedTable } from './staging.ts';

/** Values in the order asked for, in Postgres' text form; arrays as JSON. */
export type StagedTexts = readonly (string | null)[];

export interface StagedRead {
  table: StagedTable;
  /** Names and types; a name the table lacks reads as null. */
  columns: readonly StagedColumn[];
  loadId: number;
  /** At most this many rows at once; fewer when rows are big. */
  batchRows?: number;
  /** Told first: how many rows the load touched, in the very snapshot that is then read. */
  onCount?(rows: number): void;
}

const FIRST_ROWS = 100;
const TARGET_CHARACTERS = 4 * 1024 * 1024;

/**
 * The rows one load touched, in key order (without a key: in the order they came), by a server-side cursor: memory does not grow with
 * the table. The cursor has a connection of its own, which ends with the iteration. A connection that dies is an error, never a short read.
 */
export async function* readStagedRows(sql: Sql, read: StagedRead): AsyncGenerator<StagedTexts[]> {
  const session = openSession(sql);
  const batchRows = read.batchRows ?? 2_000;
  try {
    await session.unsafe(`begin isolation level repeatable read read only; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
      set local bytea_output = 'hex'; set local extra_float_digits = 1; set local timezone = 'UTC';
      declare staged no scroll cursor for ${selectOf(read)}`);
    if (read.onCount) read.onCount(await countIn(session, read));
    let coming = fetchRows(session, Math.min(FIRST_ROWS, batchRows));
    for (;;) {
      const rows = await coming;
      if (rows.length === 0) return;
      coming = fetchRows(session, rowsThatFit(rows, batchRows));
      yield rows;
    }
  } finally {
    await session.end({ timeout: 0 });
  }
}

async function countIn(session: postgres.Sql, { table, loadId }: StagedRead): Promise<number> {
  const at = quoteTable(table.schema, table.table);
  const [row] = await session.unsafe<{ count: string }[]>(
    `select count(*) from ${at} where ${LOAD_COLUMN} = ${BigInt(loadId)}`,
  );
  return Number(row?.count);
}

/** Starts at once: Postgres reads the next rows while these are worked on. Whoever stops reading leaves the last one unheard. */
function fetchRows(session: postgres.Sql, count: number): Promise<StagedTexts[]> {
  const rows: Promise<StagedTexts[]> = session.unsafe(`fetch forward ${count} from staged`).values();
  rows.catch(() => {});
  return rows;
}

/**
 * One connection with the pool's own settings. Not a reserved one: `postgres` throws outside of any promise when a reserved connection
 * dies. Here a dead one is replaced by a new one, which has no such cursor, and the fetch says so.
 */
function openSession({ options }: Sql): postgres.Sql {
  return postgres({
    ...options,
    max: 1,
    idle_timeout: null,
    max_lifetime: null,
  } as unknown as postgres.Options<Record<string, never>>);
}

function selectOf({ table, columns, loadId }: StagedRead): string {
  const own = new Set(table.columns.map(({ name }) => name));
  const values = columns.map((column) => (own.has(column.name) ? textOf(column) : 'null::text'));
  return `select ${values.join(', ')} from ${quoteTable(table.schema, table.table)} as staged
    where ${LOAD_COLUMN} = ${BigInt(loadId)} order by ${orderOf(table, own)}`;
}

/** A staged column as text; `staged` names the table. */
export function textOf({ name, type }: StagedColumn): string {
  return type.endsWith('[]')
    ? `to_json(staged.${quoteIdentifier(name)})::text`
    : `staged.${quoteIdentifier(name)}::text`;
}

/** Qualified: a bare name would mean the text that is selected, and sort 10 before 9. */
function orderOf({ primaryKey }: StagedTable, own: ReadonlySet<string>): string {
  if (primaryKey.length > 0) return primaryKey.map((key) => `staged.${quoteIdentifier(key)}`).join(', ');
  return own.has('_sdc_sequence') ? 'staged._sdc_sequence nulls first, staged.ctid' : 'staged.ctid';
}

function rowsThatFit(rows: readonly StagedTexts[], batchRows: number): number {
  let characters = 0;
  for (const row of rows) for (const value of row) characters += value?.length ?? 0;
  const fitting = Math.floor((TARGET_CHARACTERS * rows.length) / Math.max(1, characters));
  return Math.max(1, Math.min(batchRows, fitting));
}
