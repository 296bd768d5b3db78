import { and, desc, eq, getTableColumns, inArray, notExists, sql } from 'drizzle-orm';
import type { ConnectorStatus } from '../../domain/connector-state.ts';
import { predecessors, type RunStatus, UNFINISHED } from '../../domain/run-state.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, fieldMappings, runnerJobs, syncRuns } from '../schema/index.ts';

const { webhookSecretSealed: _secret, configEncrypted: _config, ...PUBLIC } = getTableColumns(connectors);

/** A connector without its secrets: what everybody but the runner and the webhook works with. */
export type Connector = Omit<typeof connectors.$inferSelect, 'webhookSecretSealed' | 'configEncrypted'>;
export type NewConnector = typeof connectors.$inferInsert;

export interface LastRun {
  status: RunStatus;
  rowsSynced: number;
  rowsLoaded: number;
  completedAt: Date;
}
export type ConnectorSummary = Connector & { lastRun: LastRun | null };

export interface ConnectorDetail extends ConnectorSummary {
  hasConfig: boolean;
  mappingCount: number;
  runCount: number;
  /** Rows of all its runs that reached the lakehouse. */
  totalRowsLoaded: number;
}

/** First run after `firstRunDelayMs`, by Postgres' clock. Null: the id or the staging schema is taken. */
export async function insertConnector(
  tx: DbOrTx,
  connector: NewConnector,
  firstRunDelayMs: number,
): Promise<Connector | null> {
  const nextRunAt = sql`now() + ${`${firstRunDelayMs} milliseconds`}::interval`;
  const [made] = await tx
    .insert(connectors)
    .values({ ...connector, nextRunAt })
    .onConflictDoNothing()
    .returning(PUBLIC);
  return made ?? null;
}

export async function findConnector(db: DbOrTx, tenantId: string, id: string): Promise<Connector | null> {
  const [connector] = await db.select(PUBLIC).from(connectors).where(mine(tenantId, id));
  return connector ?? null;
}

/** All connectors of a tenant with their last finished run, newest first. */
export async function listConnectors(db: DbOrTx, tenantId: string): Promise<ConnectorSummary[]> {
  const last = lastRunOf(db);
  return db
    .select({ ...PUBLIC, lastRun: lastRunFields(last) })
    .from(connectors)
    .leftJoinLateral(last, sql`true`)
    .where(eq(connectors.tenantId, tenantId))
    .orderBy(desc(connectors.createdAt), desc(connectors.id));
}

export async function findConnectorDetail(
  db: DbOrTx,
  tenantId: string,
  id: string,
): Promise<ConnectorDetail | null> {
  const last = lastRunOf(db);
  const [detail] = await db
    .select({
      ...PUBLIC,
      lastRun: lastRunFields(last),
      hasConfig: sql<boolean>`${connectors.configEncrypted} is not null`,
      mappingCount: db.$count(fieldMappings, eq(fieldMappings.connectorId, connectors.id)),
      runCount: db.$count(syncRuns, eq(syncRuns.connectorId, connectors.id)),
      totalRowsLoaded: sql<number>`(select coalesce(sum(rows_loaded), 0)::float8 from ${syncRuns} r
        where r.connector_id = ${connectors.id})`,
    })
    .from(connectors)
    .leftJoinLateral(last, sql`true`)
    .where(mine(tenantId, id));
  return detail ?? null;
}

/** Makes an active connector without an unfinished run due now. Null: it is not one. */
export async function makeDue(db: DbOrTx, tenantId: string, id: string): Promise<Connector | null> {
  const unfinished = db
    .select({ id: runnerJobs.id })
    .from(runnerJobs)
    .where(and(eq(runnerJobs.connectorId, connectors.id), inArray(runnerJobs.status, [...UNFINISHED])));
  const [due] = await db
    .update(connectors)
    .set({ nextRunAt: sql`now()`, nextTrigger: 'manual', updatedAt: sql`now()` })
    .where(and(mine(tenantId, id), eq(connectors.status, 'active'), notExists(unfinished)))
    .returning(PUBLIC);
  return due ?? null;
}

/** Stops dispatching, whatever the status was. Null: no such connector. */
export async function pauseConnector(tx: DbOrTx, tenantId: string, id: string): Promise<Connector | null> {
  const [paused] = await tx
    .update(connectors)
    .set({ status: 'paused', nextRunAt: null, nextTrigger: null, updatedAt: sql`now()` })
    .where(mine(tenantId, id))
    .returning(PUBLIC);
  return paused ?? null;
}

/** Opens a stopped connector again. Null: it is not in one of the statuses of `from`. */
export async function reopenConnector(
  tx: DbOrTx,
  tenantId: string,
  { id, from, nextRunAt }: { id: string; from: ConnectorStatus[]; nextRunAt: Date },
): Promise<Connector | null> {
  const [open] = await tx
    .update(connectors)
    .set({ status: 'active', consecutiveFailures: 0, nextRunAt, nextTrigger: null, updatedAt: sql`now()` })
    .where(and(mine(tenantId, id), inArray(connectors.status, from)))
    .returning(PUBLIC);
  return open ?? null;
}

/** Cancels the connector's unfinished run, if there is one: its worker loses it and writes nothing more. Answers the run's id. */
export async function cancelUnfinishedRun(tx: DbOrTx, tenantId: string, id: string): Promise<string | null> {
  const [run] = await tx
    .update(runnerJobs)
    .set({ status: 'cancelled', cancelRequestedAt: sql`now()`, leaseUntil: null, finishedAt: sql`now()` })
    .where(
      and(
        eq(runnerJobs.tenantId, tenantId),
        eq(runnerJobs.connectorId, id),
        inArray(runnerJobs.status, predecessors('cancelled')),
      ),
    )
    .returning({ id: runnerJobs.id });
  return run?.id ?? null;
}

/** Deletes the connector and, by cascade, everything that hangs on it. False: there was none. */
export async function deleteConnector(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const gone = await tx.delete(connectors).where(mine(tenantId, id)).returning({ id: connectors.id });
  return gone.length > 0;
}

/** The one read across tenants: a webhook proves who it is by the secret found here. */
export async function findWebhookKey(
  db: DbOrTx,
  id: string,
): Promise<{ tenantId: string; sourceSystem: string; webhookSecretSealed: string } | null> {
  const [key] = await db
    .select({
      tenantId: connectors.tenantId,
      sourceSystem: connectors.sourceSystem,
      webhookSecretSealed: connectors.webhookSecretSealed,
    })
    .from(connectors)
    .where(eq(connectors.id, id));
  return key ?? null;
}

function mine(tenantId: string, id: string) {
  return and(eq(connectors.tenantId, tenantId), eq(connectors.id, id));
}

function lastRunOf(db: DbOrTx) {
  return db
    .select({
      status: syncRuns.status,
      rowsSynced: syncRuns.rowsSynced,
      rowsLoaded: syncRuns.rowsLoaded,
      completedAt: syncRuns.completedAt,
    })
    .from(syncRuns)
    .where(eq(syncRuns.connectorId, connectors.id))
    .orderBy(desc(syncRuns.loadId))
    .limit(1)
    .as('last_run');
}

function lastRunFields({ status, rowsSynced, rowsLoaded, completedAt }: ReturnType<typeof lastRunOf>) {
  return { status, rowsSynced, rowsLoaded, completedAt };
}
