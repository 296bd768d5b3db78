import type { Client } from 'pg';
import { quoteTable } from '../../domain/sql-identifier.ts';
import { InvalidError } from '../../errors.ts';
import type { CareCounts, CareRequest } from '../../ports/lakehouse.ts';
import { pruneCommits } from './postgres-ledger.ts';
import { findReader } from './postgres-provision.ts';
import type { Sessions } from './postgres-sessions.ts';

/**
 * Frees the space of rows that are gone, tells the planner what is there, and forgets the commits nobody will look for. Loads and readers go
 * on meanwhile; a table that somebody changes just now is passed over.
 */
export async function careForTable(sessions: Sessions, request: CareRequest): Promise<CareCounts | null> {
  const { namespace, table, signal } = request;
  signal.throwIfAborted();
  const session = await sessions.open();
  // the server ends what is at work when it notices
  const giveUp = () => session.release(true);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const { client } = session;
    if (!(await findReader(client, request.tenantId, namespace))) throw namespaceMissing(namespace);
    if (!(await isTable(client, request))) return null;
    await client.query(`vacuum (analyze, skip_locked) ${quoteTable(namespace, table)}`);
    const forgotten = await pruneCommits(client, request);
    session.release(false);
    return { 'vacuumed and analyzed': 1, 'commits forgotten': forgotten };
  } finally {
    signal.removeEventListener('abort', giveUp);
    session.release(true);
  }
}

async function isTable(client: Client, { namespace, table }: CareRequest): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'm')`,
    [namespace, table],
  );
  return (rowCount ?? 0) > 0;
}

function namespaceMissing(namespace: string): InvalidError {
  return new InvalidError(
    'lakehouse.namespace_missing',
    `The namespace "${namespace}" has not been provisioned for this tenant.`,
  );
}
