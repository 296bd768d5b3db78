import type { Client } from 'pg';
import type { CommittedBatch } from '../../ports/lakehouse.ts';

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
    primary key (batch_id, namespace, table_name))`;

export async function lockSetup(client: Client): Promise<void> {
  await client.query('select pg_advisory_xact_lock($1)', [SETUP_LOCK]);
}

/** Makes the ledger. For a transaction that holds the setup lock. */
export async function createLedger(client: Client): Promise<void> {
  await client.query(SETUP);
}

/**
 * Lets one transaction at a time write to a table. A row, not an advisory lock: those can be taken by anyone who may run a query.
 */
export async function lockTable(client: Client, namespace: string, table: string): Promise<void> {
  await client.query('insert into ivory_meta.tables values ($1, $2) on conflict do nothing', [
    namespace,
    table,
  ]);
  await client.query('select 1 from ivory_meta.tables where namespace = $1 and table_name = $2 for update', [
    namespace,
    table,
  ]);
}

interface BatchKey {
  namespace: string;
  table: string;
  batchId: string;
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

export async function insertCommit(
  client: Client,
  key: BatchKey,
  rowsLoaded: number,
): Promise<CommittedBatch> {
  const { rows } = await client.query<{ committed_at: Date }>(
    `insert into ivory_meta.commits (batch_id, namespace, table_name, rows_loaded) values ($1, $2, $3, $4)
     returning committed_at`,
    [key.batchId, key.namespace, key.table, rowsLoaded],
  );
  const [row] = rows;
  if (!row) throw new Error('the ledger returned no row');
  return { rowsLoaded, committedAt: row.committed_at };
}
