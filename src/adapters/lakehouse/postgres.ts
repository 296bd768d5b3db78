import { widens } from '../../domain/lake-type-widening.ts';
import { InvalidError } from '../../errors.ts';
import type { BatchSpec, LakeBatch, Lakehouse } from '../../ports/lakehouse.ts';
import { type BatchOptions, openBatch } from './postgres-batch.ts';
import { careForTable } from './postgres-care.ts';
import { SQLSTATE, sqlStateOf, translated } from './postgres-errors.ts';
import { selectCommit } from './postgres-ledger.ts';
import { findReader, provisionNamespace } from './postgres-provision.ts';
import { queryAsReader } from './postgres-query.ts';
import { createPostgresReader } from './postgres-reader.ts';
import { createSessions, type Sessions } from './postgres-sessions.ts';
import { describeTable, ensureTable } from './postgres-tables.ts';

export interface PostgresLakehouseOptions {
  url: string;
  maxConnections?: number;
  /** The control plane is in the same database. */
  besideControlPlane?: boolean;
}

/** A lakehouse in a Postgres database: a namespace is a schema. The url's role must be allowed to create schemas and roles. */
export function createPostgresLakehouse({
  url,
  maxConnections = 10,
  besideControlPlane = false,
}: PostgresLakehouseOptions): Lakehouse {
  const sessions = createSessions(url, maxConnections);
  return {
    capabilities: { dialect: 'postgres', merge: true, atomicPublish: true, bulkStaging: false, widens },
    provision: (tenantId, namespace) =>
      translated(() => sessions.transaction((client) => provisionNamespace(client, tenantId, namespace))),
    describeTable: (namespace, table) =>
      translated(() => sessions.transaction((client) => describeTable(client, namespace, table))),
    ensureTable: (spec) => translated(() => sessions.transaction((client) => ensureTable(client, spec))),
    openBatch: (spec) => translated(() => beginBatch(sessions, spec, { asksGuards: besideControlPlane })),
    findCommit: (namespace, table, batchId) =>
      translated(() =>
        withoutLedger(() =>
          sessions.transaction((client) => selectCommit(client, { namespace, table, batchId })),
        ),
      ),
    query: (tenantId, namespace, statement, limits) =>
      translated(async () => {
        const reader = await withoutLedger(() =>
          sessions.transaction((client) => findReader(client, tenantId, namespace)),
        );
        if (!reader) throw namespaceUnknown(namespace);
        return queryAsReader(url, reader, namespace, statement, limits);
      }),
    reader: createPostgresReader(url, sessions),
    care: (request) => translated(() => careForTable(sessions, request)),
    ping: (signal) => translated(() => ping(sessions, signal)),
    close: () => sessions.close(),
  };
}

async function beginBatch(sessions: Sessions, spec: BatchSpec, options: BatchOptions): Promise<LakeBatch> {
  const session = await sessions.open();
  try {
    return await openBatch(session, spec, options);
  } catch (error) {
    session.release(true);
    throw error;
  }
}

/** Before the first provisioning there is no ledger, and so nothing in it. */
async function withoutLedger<Value>(read: () => Promise<Value | null>): Promise<Value | null> {
  try {
    return await read();
  } catch (error) {
    if (sqlStateOf(error) === SQLSTATE.undefinedTable) return null;
    throw error;
  }
}

async function ping(sessions: Sessions, signal: AbortSignal): Promise<void> {
  const session = await sessions.open();
  const giveUp = () => session.release(true);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    await session.client.query('select 1');
    session.release(false);
  } finally {
    signal.removeEventListener('abort', giveUp);
    session.release(true);
  }
}

function namespaceUnknown(namespace: string): InvalidError {
  return new InvalidError(
    'lakehouse.namespace_unknown',
    `There is no namespace "${namespace}" for this tenant.`,
  );
}
