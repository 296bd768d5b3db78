import { FIVETRAN_ID, FIVETRAN_LOGS, isFivetranTable } from '../../domain/fivetran-staging.ts';
import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import type { Sql } from '../client.ts';

/** Marks the rows a run touched with its load id. */
export const LOAD_COLUMN = '_ivory_load_id';
const TRIGGER = '_ivory_track_load';
const CLAIM_ROWS = 20_000;

export interface StagedColumn {
  name: string;
  /** As format_type() prints it: "bigint", "numeric(10,2)", "text[]". */
  type: string;
}

export interface StagedTable {
  schema: string;
  table: string;
  /** The stream Ivory's own loader wrote it for; null: another loader's table. */
  stream: string | null;
  /** In table order, metadata columns included. */
  columns: StagedColumn[];
  /** In key order; empty: none. */
  primaryKey: string[];
  /** Another loader writes it and a trigger marks what it touches. */
  adopted: boolean;
}

interface TableRow extends Omit<StagedTable, 'columns' | 'schema'> {
  columns: string;
}

/** Every table of a staging schema, by name. Staging is one connector's: whoever holds the connector's row may ask. */
export async function listStagedTables(sql: Sql, schema: string): Promise<StagedTable[]> {
  const rows = await sql<TableRow[]>`
    select c.relname::text as table,
      substring(obj_description(c.oid, 'pg_class') from '^Singer stream (.*)$') as stream,
      (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum), '[]')::text
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      array(select a.attname::text from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k(num, at)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num
        where i.indrelid = c.oid and i.indisprimary order by k.at) as "primaryKey",
      exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgname = ${TRIGGER}) as adopted
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and not c.relispartition order by c.relname`;
  return rows
    .filter(({ table, stream }) => stream !== null || !FIVETRAN_LOGS.has(table))
    .map(({ columns, ...row }) =>
      withKey({ ...row, schema, columns: JSON.parse(columns) as StagedColumn[] }),
    );
}

/** Fivetran's own key tells rows apart where no key is declared. */
function withKey(table: StagedTable): StagedTable {
  const has = (name: string) => table.columns.some((column) => column.name === name);
  if (table.primaryKey.length > 0 || !has(FIVETRAN_ID) || !isFivetranTable(table)) return table;
  return { ...table, primaryKey: [FIVETRAN_ID] };
}

/** Whether a load touched any row of a table. */
export async function hasStagedRows(
  sql: Sql,
  { schema, table }: TableName,
  loadId: number,
): Promise<boolean> {
  const [row] = await sql.unsafe<{ found: boolean }[]>(
    `select exists (select from ${quoteTable(schema, table)} where ${LOAD_COLUMN} = $1::bigint) as found`,
    [loadId],
  );
  return row?.found ?? false;
}

interface TableName {
  schema: string;
  table: string;
}

/**
 * Makes a table another loader writes tell which rows a run touched, without a clock: from now on every row it inserts or updates has no
 * load id until a load claims it, unless its session says `ivory.load_id`. Rows from before have none either. Doing it twice changes nothing.
 */
export async function adoptStagedTable(sql: Sql, { schema, table }: TableName): Promise<void> {
  const at = quoteTable(schema, table);
  const track = `${quoteIdentifier(schema)}.${TRIGGER}`;
  // One message, so one transaction.
  await sql.unsafe(`
    alter table ${at} add column if not exists ${LOAD_COLUMN} bigint;
    create index if not exists ${quoteIdentifier(indexName(table))} on ${at} (${LOAD_COLUMN});
    create or replace function ${track}() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and new.${LOAD_COLUMN} is distinct from old.${LOAD_COLUMN} then
        return new;
      end if;
      new.${LOAD_COLUMN} := nullif(current_setting('ivory.load_id', true), '')::bigint;
      return new;
    end $$;
    create or replace trigger ${TRIGGER} before insert or update on ${at} for each row execute function ${track}()`);
}

/** Gives the rows nobody has claimed to this load, some at a time. Answers how many. */
export function claimStagedRows(
  sql: Sql,
  table: TableName,
  loadId: number,
  signal: AbortSignal,
): Promise<number> {
  return claimRows(sql, table, { loadId, which: `${LOAD_COLUMN} is null`, signal });
}

export interface LeftBehind {
  loadId: number;
  /** The last load that is known to have arrived. */
  after: number;
  /** Loads since then that have arrived as well. */
  arrived: readonly number[];
  /** A condition on the row; null: all of them. */
  deletion: string | null;
  signal: AbortSignal;
}

/** Gives to this load what loads between `after` and it have touched. Answers how many rows. */
export function claimLeftBehind(
  sql: Sql,
  table: TableName,
  { after, arrived, deletion, ...claim }: LeftBehind,
): Promise<number> {
  const others = arrived.map((loadId) => ` and ${LOAD_COLUMN} <> ${BigInt(loadId)}`).join('');
  const between = `${LOAD_COLUMN} > ${BigInt(after)} and ${LOAD_COLUMN} < ${BigInt(claim.loadId)}${others}`;
  return claimRows(sql, table, {
    ...claim,
    which: deletion === null ? between : `${between} and ${deletion}`,
  });
}

interface Claim {
  loadId: number;
  /** A condition on rows that is no longer true of those that are claimed. */
  which: string;
  signal: AbortSignal;
}

async function claimRows(
  sql: Sql,
  { schema, table }: TableName,
  { loadId, which, signal }: Claim,
): Promise<number> {
  const at = quoteTable(schema, table);
  let claimed = 0;
  for (;;) {
    signal.throwIfAborted();
    const { count } = await sql.unsafe(
      `update ${at} set ${LOAD_COLUMN} = $1::bigint
       where ctid = any(array(select ctid from ${at} where ${which} limit ${CLAIM_ROWS}))`,
      [loadId],
    );
    claimed += count;
    if (count === 0) return claimed;
  }
}

function indexName(table: string): string {
  return `${Buffer.from(table).subarray(0, 40).toString('utf8').replaceAll('\ufffd', '')}_ivory_load`;
}
