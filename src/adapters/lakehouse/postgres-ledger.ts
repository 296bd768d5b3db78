import type { Client } from 'pg';
import type { CareRequest, CommittedBatch } from '../../ports/lakehouse.ts';

/** Any number all Ivory processes agree on: one provisions, the others wait. */
const SETUP_LOCK = 7_480_312_206;

/** Ivory's own tables beside the data. No reader may see them. */
const SETUP = `
  create schema if not exists ivory_meta;
  revoke all on schema ivory_meta from public;
  create table if not exists ivory_meta.namespaces (
    namespace text primary key, tenant_id text not null, reader text not null, reader_password text not null);
  create table if not exists ivory_meta.tables (
    namespace text not null, table_name text not null, primary key (namespace, table_name));
  create table if not exists ivory_meta.commits (
    namespace text not null, table_name text not null, batch_id uuid not null,
    rows_loaded bigint not null, committed_at timestamptz not null default clock_timestamp(),
    primary key (batch_id, namespace, table_name));
  do $$ begin
    -- even where it is there already, "if not exists" would wait for the loads under way
    if to_regclass('ivory_meta.commits_by_table') is null then
      create index commits_by_table on ivory_meta.commits (namespace, table_name, committed_at);
    end if;
  end $$`;

export async function lockSetup(client: Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [SETUP_LOCK]);
}

/** Makes the ledger. For a transaction that holds the setup lock. */
export async function createLedger(client: Client): Promise<void> {
  await client.query(SETUP);
}

interface TableKey {
  namespace: string;
  table: string;
}

interface BatchKey extends TableKey {
  batchId: string;
}

/** Makes the row that is locked. In a transaction that lasts it would keep others waiting. */
export async function registerTable(client: Client, { namespace, table }: TableKey): Promise<void> {
  await client.query('insert into ivory_meta.tables values ($1, $2) on conflict do nothing', [
    namespace,
    table,
  ]);
}

const LOCK = 'select 1 from ivory_meta.tables where namespace = $1 and table_name = $2';

/**
 * Until the transaction ends: lets nobody else merge into a table or change it, or (`with others`) only keeps those away.
 * A row, not an advisory lock: those can be taken by anyone who may run a query.
 */
export async function lockTable(client: Client, key: TableKey, how: 'alone' | 'with others'): Promise<void> {
  if (how === 'alone') await registerTable(client, key);
  await client.query(`${LOCK} for ${how === 'alone' ? 'update' : 'share'}`, [key.namespace, key.table]);
}

/** The same alone, without waiting. */
export async function tryLockTable(client: Client, { namespace, table }: TableKey): Promise<boolean> {
  const { rowCount } = await client.query(`${LOCK} for update skip locked`, [namespace, table]);
  return (rowCount ?? 0) > 0;
}

export async function selectCommit(client: Client, key: BatchKey): Promise<CommittedBatch | null> {
  const { rows } = await client.query<{ loaded: string; committed_at: Date }>(
    `select rows_loaded as loaded, committed_at from ivory_meta.commits
     where batch_id = $1 and namespace = $2 and table_name = $3`,
    [key.batchId, key.namespace, key.table],
  );
  const [row] = rows;
  return row ? { rowsLoaded: Number(row.loaded), committedAt: row.committed_at } : null;
}

/** Writes the batch into the ledger; waits for another transaction that does. False: it is there already. */
export async function recordCommit(client: Client, key: BatchKey, rowsLoaded: number): Promise<boolean> {
  const { rowCount } = await client.query(
    `insert into ivory_meta.commits (batch_id, namespace, table_name, rows_loaded) values ($1, $2, $3, $4)
     on conflict do nothing`,
    [key.batchId, key.namespace, key.table, rowsLoaded],
  );
  return (rowCount ?? 0) > 0;
}

/** As long as runs are tried again, and much longer. */
const KEEP_MS = 14 * 24 * 3600 * 1000;
const KEEP_LAST = 100;

/** Forgets commits of a table that are neither young nor among the last. Answers how many. */
export async function pruneCommits(
  client: Client,
  { namespace, table, keepAfter, keepLast }: Omit<CareRequest, 'signal' | 'tenantId'>,
): Promise<number> {
  const { rowCount } = await client.query(
    `delete from ivory_meta.commits where namespace = $1 and table_name = $2
       and committed_at < least($3, now() - make_interval(secs => $4))
       and committed_at < (select committed_at from ivory_meta.commits where namespace = $1 and table_name = $2
         order by committed_at desc offset $5 limit 1)`,
    [namespace, table, keepAfter, KEEP_MS / 1000, Math.max(keepLast, KEEP_LAST) - 1],
  );
  return rowCount ?? 0;
}
