import type { Client } from 'pg';
import { quoteIdentifier } from '../../domain/sql-identifier.ts';
import type { Answers, InsideWriter } from '../../ports/lake-inside.ts';
import type { BatchSpec } from '../../ports/lakehouse.ts';
import { createCopyWriter } from './postgres-copy.ts';
import { sqlStateOf } from './postgres-errors.ts';
import type { Landing } from './postgres-landing.ts';
import { postgresType } from './postgres-types.ts';

/** What the session holds when rows came from inside. */
export const INSIDE_CLEAN_UP = 'discard temp; reset client_connection_check_interval';

/** Rows of the same database go into a batch by SQL: nothing of them leaves the server. */
export function createInside(client: Client, spec: BatchSpec, landing: Landing): InsideWriter {
  return {
    async ready() {
      await noticeWhenGone(client);
      const types = await typesOf(client, spec);
      return spec.columns.every(({ name, type }) => types.get(name) === postgresType(type));
    },
    async read(select) {
      const { rows } = await client.query<Record<string, string | null>>(select);
      return rows;
    },
    keep: (answers) => keep(client, spec, answers),
    take: (select, expected) => landing.takeSelect(castOf(spec, select), expected),
  };
}

/** A long statement ends soon after the worker that asked for it is gone. Not every system can tell. */
async function noticeWhenGone(client: Client): Promise<void> {
  await client.query('savepoint ivory_notice').catch(() => {});
  await client
    .query("set client_connection_check_interval = '2s'")
    .catch(() => client.query('rollback to savepoint ivory_notice').catch(() => {}));
  await client.query('release savepoint ivory_notice').catch(() => {});
}

async function typesOf(client: Client, { namespace, table }: BatchSpec): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; type: string }>(
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type
     from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped`,
    [namespace, table],
  );
  return new Map(rows.map(({ name, type }) => [name, type]));
}

async function keep(client: Client, spec: BatchSpec, { column, fieldType, pairs }: Answers): Promise<string> {
  const type = spec.columns[column]?.type ?? { kind: 'string' };
  const table = `pg_temp.${quoteIdentifier(`ivory_answers_${column}`)}`;
  await client.query(`create temp table ${quoteIdentifier(`ivory_answers_${column}`)}
    (field ${fieldType}, answer ${postgresType(type)})`);
  const copy = createCopyWriter(client, `copy ${table} (field, answer) from stdin`);
  for (const [field, answer] of pairs) if (copy.add(`${field}\t${answer}`)) await copy.flush();
  await copy.end();
  await client.query(`analyze ${table}`);
  return table;
}

function castOf({ columns }: BatchSpec, select: string): string {
  const places = columns.map((_, n) => `v${n}`);
  const casts = columns.map(({ type }, n) => `${places[n]}::${postgresType(type)}`);
  return `select ${casts.join(', ')} from (${select}) as inside (${places.join(', ')})`;
}

/** How many rows a statement of an open transaction took; null: a value is not what its column takes. */
export async function takenBy(client: Client, statement: string): Promise<number | null> {
  try {
    // answers are few and rows are many, whatever the planner takes them for
    await client.query('set local enable_nestloop = off');
    const { rowCount } = await client.query(statement);
    return rowCount ?? 0;
  } catch (error) {
    if (sqlStateOf(error)?.startsWith('22')) return null;
    throw error;
  }
}
