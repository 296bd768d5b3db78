import { quoteIdentifier, quoteTable } from '../../domain/sql-identifier.ts';
import { alternativeTableName, stagingColumnName, stagingTableName } from '../../domain/staging-names.ts';
import type { Sql } from '../client.ts';
import { textOf } from './staged-rows.ts';
import { LOAD_COLUMN, type StagedColumn } from './staging.ts';

export interface StagedField {
  column: string;
  /** As format_type() prints it; arrays are read as JSON and say so. */
  stagingType: string;
  /** One a row, as text; null for NULL. Values too long to show are left out. */
  texts: (string | null)[];
}

export interface StagedSamples {
  /** Columns of the staging table's key, in order; empty: none. */
  primaryKey: string[];
  /** The fields that are staged. */
  fields: Map<string, StagedField>;
}

export interface SampleRequest {
  stagingSchema: string;
  stream: string;
  fields: readonly string[];
}

const MOST_ROWS = 200;
const MOST_VALUES = 100_000;
const LONGEST = 1_000;

interface Table {
  name: string;
  columns: StagedColumn[];
  primaryKey: string[];
  /** Its loads are indexed, which they are from the second on. */
  isIndexed: boolean;
}

/** Values of each field from the rows the latest load of a stream touched, at most 200; no fields when the stream is not staged. */
export async function readStagedSamples(
  sql: Sql,
  { stagingSchema, stream, fields }: SampleRequest,
): Promise<StagedSamples> {
  const table = await findTable(sql, stagingSchema, stream);
  const found = fields.flatMap((field) => {
    const column = table && findColumn(table.columns, field);
    return column ? [{ field, column }] : [];
  });
  if (table === null || found.length === 0) return { primaryKey: table?.primaryKey ?? [], fields: new Map() };
  const rows = await readRows(sql, stagingSchema, table, [...new Set(found.map(({ column }) => column))]);
  const sampled = found.map(({ field, column }): [string, StagedField] => {
    const texts = rows.map((row) => row[column.name] ?? null);
    const stagingType = column.type.endsWith('[]') ? 'json' : column.type;
    return [field, { column: column.name, stagingType, texts: texts.filter(isShort) }];
  });
  return { primaryKey: table.primaryKey, fields: new Map(sampled) };
}

/** Ivory writes the stream's name onto its tables; other loaders' tables go by their names, and fold them. */
async function findTable(sql: Sql, schema: string, stream: string): Promise<Table | null> {
  const names = [stagingTableName(stream), alternativeTableName(stream)];
  const found = await sql<(Omit<Table, 'columns'> & { columns: string; comment: string | null })[]>`
    select c.relname::text as name, obj_description(c.oid, 'pg_class') as comment,
      (select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))), '[]')::text
       from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      array(select a.attname::text from pg_index i cross join unnest(i.indkey::int2[]) with ordinality as k(num, at)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.num
        where i.indrelid = c.oid and i.indisprimary order by k.at) as "primaryKey",
      exists (select from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
        where i.indrelid = c.oid and i.indisvalid and i.indpred is null and a.attname = ${LOAD_COLUMN}) as "isIndexed"
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and lower(c.relname) = any(${names.map((name) => name.toLowerCase())})`;
  const foreign = found.filter(({ comment }) => !comment?.startsWith('Singer stream '));
  const own =
    found.find(({ comment }) => comment === `Singer stream ${stream}`) ??
    foreign.find(({ name }) => names.includes(name)) ??
    foreign[0];
  return own ? { ...own, columns: JSON.parse(own.columns) } : null;
}

/** By its own name, else by the only one that differs in case. */
function findColumn(columns: readonly StagedColumn[], field: string): StagedColumn | undefined {
  const name = stagingColumnName(field);
  const exact = columns.find((column) => column.name === name);
  if (exact) return exact;
  const folded = columns.filter((column) => column.name.toLowerCase() === name.toLowerCase());
  return folded.length === 1 ? folded[0] : undefined;
}

type Row = Record<string, string | null>;

async function readRows(
  sql: Sql,
  schema: string,
  { name, isIndexed }: Table,
  wanted: readonly StagedColumn[],
): Promise<Row[]> {
  const values = wanted.map(
    (column) => `left(${textOf(column)}, ${LONGEST + 1}) as ${quoteIdentifier(column.name)}`,
  );
  const limit = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / wanted.length)));
  const select = `select ${values.join(', ')} from ${quoteTable(schema, name)} as staged`;
  const latest = `${select} where staged.${LOAD_COLUMN} is not null order by staged.${LOAD_COLUMN} desc limit ${limit}`;
  return sql.begin('read only', async (tx) => {
    await tx.unsafe(`set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
      set local bytea_output = 'hex'; set local extra_float_digits = 1; set local timezone = 'UTC'`);
    const rows = isIndexed ? await tx.unsafe<Row[]>(latest) : [];
    return rows.length > 0 ? [...rows] : [...(await tx.unsafe<Row[]>(`${select} limit ${limit}`))];
  });
}

function isShort(text: string | null): boolean {
  return text === null || text.length <= LONGEST;
}
