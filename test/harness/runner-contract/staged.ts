import type { RunSpec } from '../../../src/ports/runner.ts';
import type { Bench } from './bench.ts';
import type { SourceRow, StreamName } from './source-script.ts';

const LOAD_COLUMN = '_ivory_load_id';

/** The staged rows of a stream in order of their ids, whatever types its columns have. [] where there is no table. */
export async function stagedRows(
  { deps: { database } }: Bench,
  { stagingSchema }: Pick<RunSpec, 'stagingSchema'>,
  stream: StreamName,
): Promise<SourceRow[]> {
  const { sql } = database;
  if ((await columnsOf(stagingSchema)).length === 0) return [];
  return sql<SourceRow[]>`
    select id::int, name::text, amount::float8,
      to_char(updated_at::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as updated_at
    from ${sql(stagingSchema)}.${sql(stream)} order by id`.then((rows) => rows.map((row) => ({ ...row })));

  async function columnsOf(schema: string) {
    return sql`select 1 from information_schema.columns where table_schema = ${schema} and table_name = ${stream}`;
  }
}

/** The load ids of a stream's staged rows; null: its loader does not mark rows. */
export async function loadIdsOf(
  { deps: { database } }: Bench,
  { stagingSchema }: Pick<RunSpec, 'stagingSchema'>,
  stream: StreamName,
): Promise<number[] | null> {
  const { sql } = database;
  const marked = await sql`select 1 from information_schema.columns
    where table_schema = ${stagingSchema} and table_name = ${stream} and column_name = ${LOAD_COLUMN}`;
  if (marked.length === 0) return null;
  const rows = await sql<{ id: string }[]>`
    select distinct ${sql(LOAD_COLUMN)} as id from ${sql(stagingSchema)}.${sql(stream)}`;
  return rows.map(({ id }) => Number(id));
}
