import { alternativeTableName, stagingColumnName, stagingTableName } from '../../domain/staging-names.ts';
import type { Sql } from '../client.ts';

const ROWS = 200;
const LONGEST = 300;

/** Values of each field as text, from the rows a stream has in staging; empty when it has none. Reads at most 200 rows. */
export async function readStagedSamples(
  sql: Sql,
  { stagingSchema, stream, fields }: { stagingSchema: string; stream: string; fields: readonly string[] },
): Promise<Map<string, string[]>> {
  const table = await findTable(sql, stagingSchema, stream);
  if (table === null) return new Map();
  const rows = await sql`select to_jsonb(t)::text as row from (
    select * from ${sql(stagingSchema)}.${sql(table)} limit ${ROWS}) t`;
  const parsed: Record<string, unknown>[] = rows.map(({ row }) => JSON.parse(row));
  return new Map(
    fields.map((field) => {
      const column = stagingColumnName(field);
      const values = parsed
        .map((row) => row[column])
        .filter((value) => value !== null && value !== undefined);
      return [field, values.map(asText)];
    }),
  );
}

async function findTable(sql: Sql, schema: string, stream: string): Promise<string | null> {
  const names = [stagingTableName(stream), alternativeTableName(stream)];
  const found = await sql`
    select c.relname::text as name, obj_description(c.oid, 'pg_class') as comment
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = ${schema} and c.relkind in ('r', 'p') and c.relname in ${sql(names)}`;
  const own = found.find(({ comment }) => comment === `Singer stream ${stream}`);
  return own?.['name'] ?? found.find(({ comment }) => comment === null)?.['name'] ?? null;
}

function asText(value: unknown): string {
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST);
}
