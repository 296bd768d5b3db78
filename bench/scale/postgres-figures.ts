import postgres from 'postgres';
import type { Sql } from '../../src/db/client.ts';
import { rounded } from '../shared/outcome.ts';

/** Looks at the server under a login of its own, so that its looks are not counted. */
export interface Observer {
  sql: Sql;
  close(): Promise<void>;
}

const OBSERVER = 'bench_observer';

export async function openObserver(admin: Sql, url: string): Promise<Observer> {
  await admin.unsafe(`create extension if not exists pg_stat_statements;
    create role ${OBSERVER} superuser login password '${OBSERVER}'`);
  const own = new URL(url);
  own.username = OBSERVER;
  own.password = OBSERVER;
  const sql = postgres(own.href, { max: 2, onnotice: () => {} });
  return { sql: sql as unknown as Sql, close: () => sql.end({ timeout: 5 }) };
}

export interface PostgresFigures {
  commits: number;
  rollbacks: number;
  /** Connections opened. */
  sessions: number;
  inserted: number;
  updated: number;
  deleted: number;
  fetched: number;
  /** Rows that scans read, whether or not they were wanted. */
  returned: number;
  tempBytes: number;
  walBytes: number;
  statements: number;
  executionMs: number;
}

export async function resetStatements({ sql }: Observer): Promise<void> {
  await sql`select pg_stat_statements_reset()`;
}

export async function postgresFigures({ sql }: Observer): Promise<PostgresFigures> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<Record<string, string>[]>`
    select xact_commit as commits, xact_rollback as rollbacks, sessions, tup_inserted as inserted, tup_updated as updated,
      tup_deleted as deleted, tup_fetched as fetched, tup_returned as returned, temp_bytes as "tempBytes",
      (select wal_bytes from pg_stat_wal) as "walBytes",
      (select coalesce(sum(calls), 0) from pg_stat_statements s where ${counted(sql)}) as statements,
      (select coalesce(sum(total_exec_time), 0) from pg_stat_statements s where ${counted(sql)}) as "executionMs"
    from pg_stat_database where datname = current_database()`;
  const of = (name: keyof PostgresFigures) => Number(row?.[name] ?? 0);
  return {
    ...{
      commits: of('commits'),
      rollbacks: of('rollbacks'),
      sessions: of('sessions'),
      inserted: of('inserted'),
      updated: of('updated'),
    },
    ...{
      deleted: of('deleted'),
      fetched: of('fetched'),
      returned: of('returned'),
      tempBytes: of('tempBytes'),
    },
    ...{ walBytes: of('walBytes'), statements: of('statements'), executionMs: of('executionMs') },
  };
}

export function between(before: PostgresFigures, after: PostgresFigures): PostgresFigures {
  const names = Object.keys(after) as (keyof PostgresFigures)[];
  return Object.fromEntries(
    names.map((name) => [name, after[name] - before[name]]),
  ) as unknown as PostgresFigures;
}

/** The statements that took the most time: "1234.5 ms in 2000 calls (0.6 ms, 10.0 rows each): text". */
export async function topStatements(
  { sql }: Observer,
  count: number,
  by: 'time' | 'calls',
): Promise<string[]> {
  const order = by === 'time' ? sql`total_exec_time` : sql`calls`;
  const rows = await sql<{ query: string; calls: string; total: number; mean: number; rows: string }[]>`
    select query, calls, total_exec_time as total, mean_exec_time as mean, rows from pg_stat_statements s
    where ${counted(sql)} order by ${order} desc limit ${count}`;
  return rows.map(({ query, calls, total, mean, rows: returned }) => {
    const each = rounded(Number(returned) / Number(calls), 1);
    const text = query.replaceAll(/\s+/g, ' ').replaceAll(/"(\w+)"/g, '$1');
    return `${rounded(total, 0)} ms in ${calls} calls (${rounded(mean, 2)} ms, ${each} rows each): ${text.slice(0, 160)}`;
  });
}

/** Updates that found room on the row's own page and touched no index, and dead rows, of the tables every run writes. */
export async function tableFigures({ sql }: Observer): Promise<Record<string, string>> {
  const rows = await sql<Record<string, string>[]>`
    select relname as name, n_tup_ins as inserted, n_tup_upd as updated, n_tup_hot_upd as hot, n_dead_tup as dead, seq_scan as scans,
      seq_tup_read as scanned, autovacuum_count as vacuums
    from pg_stat_user_tables where schemaname = 'etl' and n_tup_ins + n_tup_upd > 0 order by n_tup_upd desc limit 8`;
  return Object.fromEntries(
    rows.map(({ name, inserted, updated, hot, dead, scans, scanned, vacuums }) => [
      `table ${name}`,
      `${inserted} inserted, ${updated} updated (${hot} hot), ${dead} dead, ${scans} scans of ${scanned} rows, ${vacuums} vacuums`,
    ]),
  );
}

function counted(sql: Sql) {
  return sql`userid <> (select oid from pg_roles where rolname = ${OBSERVER})
    and dbid = (select oid from pg_database where datname = current_database()) and s.toplevel`;
}
