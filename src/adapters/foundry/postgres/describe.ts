import { type Client, DatabaseError } from 'pg';
import type { CatalogColumn, CatalogReference, CatalogTable } from '../../../domain/foundry/catalog.ts';
import { quoteIdentifier, quoteTable } from '../../../domain/sql-identifier.ts';

export interface DescribeOptions {
  schemas: readonly string[];
  /** Rows are counted and values looked at for so long; the tables after that come without. */
  lookMs: number;
}

/** Larger tables are as large as Postgres last estimated. */
const COUNTED_BYTES = 16 * 1024 * 1024;
const LOOKED_AT_ROWS = 10_000;
const ONE_LOOK_MS = 2_000;
const MOST_SAMPLES = 20;
const LONGEST_SAMPLE = 100;
/** Types whose values say what may be asked for. */
const SAMPLED = /^(text|character varying|character|boolean|name)\b|^"char"$/;

interface TableRow {
  oid: number;
  schema: string;
  name: string;
  description: string | null;
  estimate: number;
  size_bytes: number;
  columns: { number: number; name: string; type: string; nullable: boolean; description: string | null }[];
  keys: string[][] | null;
  references: { columns: string[]; oid: number; to: string[] }[] | null;
}

const TABLES = `
  select c.oid::int8 as oid, n.nspname as schema, c.relname as name, obj_description(c.oid, 'pg_class') as description,
    c.reltuples::float8 as estimate, case when c.relkind in ('r', 'm', 'p') then pg_relation_size(c.oid) else 0 end::float8 as size_bytes,
    (select json_agg(json_build_object('number', a.attnum, 'name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'nullable', not a.attnotnull, 'description', col_description(c.oid, a.attnum)) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and has_column_privilege(c.oid, a.attnum, 'select')) as columns,
    (select json_agg(k.columns) from (select (select json_agg(a.attname order by u.place) from unnest(i.indkey::int2[]) with ordinality u(attnum, place)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum where u.place <= i.indnkeyatts) as columns
        from pg_index i where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        order by i.indisprimary desc, i.indexrelid) k) as keys,
    (select json_agg(json_build_object('oid', f.confrelid::int8,
        'columns', (select json_agg(a.attname order by u.place) from unnest(f.conkey) with ordinality u(attnum, place)
          join pg_attribute a on a.attrelid = f.conrelid and a.attnum = u.attnum),
        'to', (select json_agg(a.attname order by u.place) from unnest(f.confkey) with ordinality u(attnum, place)
          join pg_attribute a on a.attrelid = f.confrelid and a.attnum = u.attnum)))
      from pg_constraint f where f.conrelid = c.oid and f.contype = 'f') as references
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
    and has_schema_privilege(n.oid, 'usage') and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
  order by n.nspname, c.relname`;

/** The tables of schemas as a reader may read them, by the rows it sees. */
export async function describeSchemas(
  client: Client,
  { schemas, lookMs }: DescribeOptions,
): Promise<CatalogTable[]> {
  const { rows } = await client.query<TableRow>(TABLES, [schemas]);
  const names = new Map(rows.map((row) => [Number(row.oid), `${row.schema}.${row.name}`]));
  const endsAt = performance.now() + lookMs;
  const tables: CatalogTable[] = [];
  for (const row of rows) {
    const look = performance.now() < endsAt ? await briefly(client, () => lookAt(client, row)) : NOTHING_SEEN;
    tables.push(tableOf(row, look, names));
  }
  return tables;
}

interface Look {
  /** null: not counted. */
  count: number | null;
  samples: ReadonlyMap<string, string[]>;
}

const NOTHING_SEEN: Look = { count: null, samples: new Map() };

/** Nothing, if it takes long: a view may be made of anything. */
async function briefly(client: Client, look: () => Promise<Look>): Promise<Look> {
  await client.query(`savepoint look; set local statement_timeout = ${ONE_LOOK_MS}`);
  try {
    const seen = await look();
    await client.query('rollback to savepoint look; release savepoint look');
    return seen;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    await client.query('rollback to savepoint look; release savepoint look');
    return NOTHING_SEEN;
  }
}

/** Counts what is small, and looks for the columns that hold few values. */
async function lookAt(client: Client, row: TableRow): Promise<Look> {
  const table = quoteTable(row.schema, row.name);
  const sampled = (row.columns ?? []).filter(({ type }) => SAMPLED.test(type));
  const lists = sampled.map(({ name }, n) => {
    const column = quoteIdentifier(name);
    return `(select json_agg(v order by v) from (select distinct left(${column}::text, ${LONGEST_SAMPLE + 1}) as v from seen
      where ${column} is not null limit ${MOST_SAMPLES + 1}) few) as s${n}`;
  });
  const count = row.size_bytes <= COUNTED_BYTES ? `(select count(*) from ${table})::float8` : 'null::float8';
  const { rows } = await client.query<Record<string, unknown>>(
    `with seen as materialized (select * from (select ${sampled.map(({ name }) => quoteIdentifier(name)).join(', ')} from ${table}
       limit ${LOOKED_AT_ROWS}) first_rows) select ${[`${count} as count`, ...lists].join(', ')}`,
  );
  const [found = {}] = rows;
  const counted = found['count'];
  return {
    count: typeof counted === 'number' ? counted : null,
    samples: new Map(sampled.map(({ name }, n) => [name, fewOf(found[`s${n}`])])),
  };
}

/** Only where there are few, and none of them a whole text. */
function fewOf(values: unknown): string[] {
  if (!Array.isArray(values) || values.length > MOST_SAMPLES) return [];
  const texts = values.map(String);
  return texts.every((text) => text.length <= LONGEST_SAMPLE) ? texts : [];
}

function tableOf(row: TableRow, { count, samples }: Look, names: ReadonlyMap<number, string>): CatalogTable {
  return {
    name: `${row.schema}.${row.name}`,
    kind: 'table',
    description: row.description,
    rowCount: count ?? (row.estimate >= 0 ? Math.round(row.estimate) : null),
    columns: (row.columns ?? []).map(
      ({ name, type, nullable, description }): CatalogColumn => ({
        name,
        type,
        nullable,
        description,
        samples: samples.get(name) ?? [],
      }),
    ),
    keys: row.keys ?? [],
    references: (row.references ?? []).flatMap(({ oid, columns, to }): CatalogReference[] => {
      const table = names.get(Number(oid));
      return table === undefined ? [] : [{ columns, table, to }];
    }),
    tenantColumn: null,
    timeColumn: null,
  };
}
