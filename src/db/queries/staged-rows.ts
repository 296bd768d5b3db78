import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { Pool, PoolClient, Sql } from '../client.ts';
import { copyOut } from '../copy-out.ts';
import { LOAD_COLUMN, type StagedColumn, type StagedTable } from './staging.ts';

/** The columns asked for, in that order, as fields of COPY's text format (domain/copy-text.ts); arrays as JSON. */
export type StagedFields = readonly string[];

export interface StagedRead {
  table: StagedTable;
  /** Names and types; a name the table lacks reads as null. */
  columns: readonly StagedColumn[];
  loadId: number;
  /** At most this many rows at once; fewer when rows are big. */
  batchRows?: number;
  /** Rows without a key come in the order of their sequence, which costs a sort: where the last word on something counts. */
  bySequence?: boolean;
  /** Told first: how many rows the load touched, in the very snapshot that is then read. */
  onCount?(rows: number): void;
}

const BLOCK_BYTES = 512 * 1024;
/** One table's whole load is sorted in few passes. One process holds it, for the length of the read. */
const SORT_MEMORY = '64MB';

/** Rows changed since statistics were taken, at least and as a share of the table. */
const UNKNOWN_ROWS = 20_000;
const UNKNOWN_SHARE = 0.1;

/** Values as every reader of staging prints them; rows as they lie in the table where nothing else is said. */
const SETTINGS = `begin isolation level repeatable read read only;
  set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local bytea_output = 'hex';
  set local extra_float_digits = 1; set local timezone = 'UTC'; set local client_encoding = 'UTF8';
  set local synchronize_seqscans = off; set local max_parallel_workers_per_gather = 0;
  set local work_mem = '${SORT_MEMORY}'`;

/**
 * The rows one load touched, in key order (without a key: in the order they came), by COPY: memory does not grow with the table, and the
 * server waits for whoever reads. It holds a connection of the pool: read to the end, it is given back, as opening one costs more than
 * reading a small load; left before, it is ended. A connection that dies is an error, never a short read.
 */
export async function* readStagedRows(pool: Pool, read: StagedRead): AsyncGenerator<StagedFields[]> {
  const { batchRows = 10_000 } = read;
  const client = await pool.connect();
  let isRead = false;
  try {
    await refreshStatistics(client, read.table);
    await client.query(SETTINGS);
    const { rows } = await client.query<{ count: string }>(countOf(read));
    read.onCount?.(Number(rows[0]?.count));
    for await (const block of copyOut(client, copyOf(read), BLOCK_BYTES)) {
      const lines = block.split('\n');
      lines.pop();
      for (let from = 0; from < lines.length; from += batchRows)
        yield lines.slice(from, from + batchRows).map((line) => line.split('\t'));
    }
    await client.query('commit');
    isRead = true;
  } finally {
    if (isRead) client.release();
    else cut(client);
  }
}

/** After a big load the planner knows nothing of the table yet, and would sort what an index has in order. */
async function refreshStatistics(client: PoolClient, table: StagedTable): Promise<void> {
  const at = quoteTable(table.schema, table.table);
  const { rowCount } = await client.query(
    `select from pg_stat_all_tables s join pg_class c on c.oid = s.relid
     where s.relid = $1::regclass and s.n_mod_since_analyze > $2 + c.reltuples * $3`,
    [at, UNKNOWN_ROWS, UNKNOWN_SHARE],
  );
  if (rowCount) await client.query(analysisOf(table));
}

/** Statistics of a table that may be new to the planner and has at least so many rows. */
export async function noticeStagedRows(sql: Sql, table: StagedTable, rows: number): Promise<void> {
  const at = quoteTable(table.schema, table.table);
  const [found] = await sql.unsafe(
    'select from pg_class where oid = $1::regclass and reltuples < $2::float8 / 2',
    [at, rows],
  );
  if (found) await sql.unsafe(analysisOf(table));
}

function analysisOf({ schema, table, primaryKey }: StagedTable): string {
  const columns = [...primaryKey, LOAD_COLUMN].map(quoteIdentifier).join(', ');
  return `analyze ${quoteTable(schema, table)} (${columns})`;
}

/** Not a goodbye: one that is not read to its end would never hear it. */
function cut(client: PoolClient): void {
  client.connection.stream.destroy();
  client.release(true);
}

function countOf({ table, loadId }: StagedRead): string {
  return `select count(*) from ${quoteTable(table.schema, table.table)} where ${LOAD_COLUMN} = ${BigInt(loadId)}`;
}

/** The statement that reads, for COPY and for EXPLAIN. */
export function selectOf(read: StagedRead): string {
  const { table, columns, loadId } = read;
  const own = new Set(table.columns.map(({ name }) => name));
  const values = columns.map((column) => (own.has(column.name) ? fieldOf(column) : 'null'));
  return `select ${values.join(', ')} from ${quoteTable(table.schema, table.table)} as staged
    where ${LOAD_COLUMN} = ${BigInt(loadId)}${orderOf(read, own)}`;
}

function copyOf(read: StagedRead): string {
  return `copy (${selectOf(read)}) to stdout`;
}

/** COPY prints what a cast to text gives, but for these. */
function fieldOf(column: StagedColumn): string {
  return /^(?:boolean|character\(|"char"|bpchar)|\[\]$/.test(column.type)
    ? textOf(column)
    : `staged.${quoteIdentifier(column.name)}`;
}

/** A staged column as text; `staged` names the table. */
export function textOf({ name, type }: StagedColumn): string {
  return type.endsWith('[]')
    ? `to_json(staged.${quoteIdentifier(name)})::text`
    : `staged.${quoteIdentifier(name)}::text`;
}

/**
 * Qualified: a bare name would mean the value that is selected. Where a loader only ever adds rows they lie as they came, and every
 * plan reads them so: a scan of the table, or of the load's index, whose equal entries are in the order of the table.
 */
function orderOf({ table, bySequence }: StagedRead, own: ReadonlySet<string>): string {
  if (table.primaryKey.length > 0)
    return ` order by ${table.primaryKey.map((key) => `staged.${quoteIdentifier(key)}`).join(', ')}`;
  return bySequence && own.has('_sdc_sequence')
    ? ' order by staged._sdc_sequence nulls first, staged.ctid'
    : '';
}
