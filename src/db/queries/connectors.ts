import { and, desc, eq, getTableColumns, inArray, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import type { ConnectorStatus, ConnectorType } from '../../domain/connector-state.ts';
import type { RunStatus, UNFINISHED } from '../../domain/run-state.ts';
import type { DbOrTx } from '../client.ts';
import { connectorRetention, connectors, fieldMappings, runnerJobs, syncRuns } from '../schema/index.ts';

const {
  webhookSecretSealed: _secret,
  configEncrypted: _config,
  triggerRequestId: _requestId,
  triggerTraceparent: _traceparent,
  ...PUBLIC
} = getTableColumns(connectors);

/** A connector without its secrets: what everybody but the runner and the webhook works with. */
export type Connector = Omit<
  typeof connectors.$inferSelect,
  'webhookSecretSealed' | 'configEncrypted' | 'triggerRequestId' | 'triggerTraceparent'
>;
export type NewConnector = typeof connectors.$inferInsert;

const CREATED_AT_TEXT = sql<string>`to_char(${connectors.createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

export interface LastRun {
  status: RunStatus;
  rowsSynced: number;
  rowsLoaded: number;
  completedAt: Date;
}
export type ConnectorSummary = Connector & { lastRun: LastRun | null };

export interface ConnectorDetail extends ConnectorSummary {
  hasConfig: boolean;
  /** Its unfinished run, if there is one. */
  currentRun: { id: string; status: (typeof UNFINISHED)[number] } | null;
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

/** Where a connector stands in the list: its time to the microsecond, which a Date would cut, then its id. */
export type ConnectorPosition = [createdAt: string, id: string];
export type ListedConnector = ConnectorSummary & { position: string };

/** Connectors of a tenant with their last finished run, newest first. */
export async function listConnectors(
  db: DbOrTx,
  { tenantId, limit, after }: { tenantId: string; limit: number | null; after: ConnectorPosition | null },
): Promise<ListedConnector[]> {
  const last = lastRunOf(db);
  const listed = db
    .select({ ...PUBLIC, lastRun: lastRunFields(last), position: CREATED_AT_TEXT })
    .from(connectors)
    .leftJoinLateral(last, sql`true`)
    .where(
      and(
        eq(connectors.tenantId, tenantId),
        after
          ? sql`(${connectors.createdAt}, ${connectors.id}) < (${after[0]}::timestamptz, ${after[1]}::uuid)`
          : undefined,
      ),
    )
    .orderBy(desc(connectors.createdAt), desc(connectors.id));
  return limit === null ? listed : listed.limit(limit);
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
      currentRun: sql<
        ConnectorDetail['currentRun']
      >`(select json_build_object('id', j.id, 'status', j.status) from ${runnerJobs} j
        where j.connector_id = ${connectors.id} and j.status in ('queued', 'running', 'loading'))`.mapWith(
        JSON.parse,
      ),
      mappingCount: db.$count(fieldMappings, eq(fieldMappings.connectorId, connectors.id)),
      runCount: sql<number>`(select count(*) from ${syncRuns} r where r.connector_id = ${connectors.id})::int
        + coalesce(${connectorRetention.runsPruned}, 0)`,
      totalRowsLoaded: sql<number>`(select coalesce(sum(rows_loaded), 0) from ${syncRuns} r
        where r.connector_id = ${connectors.id})::float8 + coalesce(${connectorRetention.rowsPruned}, 0)`,
    })
    .from(connectors)
    .leftJoinLateral(last, sql`true`)
    .leftJoin(connectorRetention, eq(connectorRetention.connectorId, connectors.id))
    .where(mine(tenantId, id));
  return detail ?? null;
}

/** What PATCH may change, and what follows from it. */
export type ConnectorChange = Partial<
  Pick<
    typeof connectors.$inferSelect,
    | 'syncSchedule'
    | 'timezone'
    | 'destinationTable'
    | 'configEncrypted'
    | 'tapVersion'
    | 'loadMode'
    | 'nextRunAt'
    | 'nextTrigger'
  >
>;

/** Changes a connector that this transaction has locked, and raises its version. */
export async function changeConnector(
  tx: DbOrTx,
  tenantId: string,
  id: string,
  change: ConnectorChange,
): Promise<void> {
  await tx
    .update(connectors)
    .set({ ...change, version: sql`${connectors.version} + 1`, updatedAt: sql`now()` })
    .where(mine(tenantId, id));
}

/** Makes a connector due now. Whoever asks has locked it and found it active, without an unfinished run. */
export async function makeDue(
  tx: DbOrTx,
  { tenantId, id, cause }: { tenantId: string; id: string; cause: Cause },
): Promise<void> {
  await tx
    .update(connectors)
    .set({
      nextRunAt: sql`now()`,
      nextTrigger: 'manual',
      triggerRequestId: cause.requestId,
      triggerTraceparent: cause.traceparent,
      updatedAt: sql`now()`,
    })
    .where(mine(tenantId, id));
}

/** Stops dispatching, whatever the status was. Null: no such connector. */
export async function pauseConnector(tx: DbOrTx, tenantId: string, id: string): Promise<Connector | null> {
  const [paused] = await tx
    .update(connectors)
    .set({
      status: 'paused',
      nextRunAt: null,
      nextTrigger: null,
      version: sql`${connectors.version} + (${connectors.status} <> 'paused')::int`,
      updatedAt: sql`now()`,
    })
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
    .set({
      status: 'active',
      consecutiveFailures: 0,
      nextRunAt,
      nextTrigger: null,
      version: sql`${connectors.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(and(mine(tenantId, id), inArray(connectors.status, from)))
    .returning(PUBLIC);
  return open ?? null;
}

/** Deletes the connector and, by cascade, everything that hangs on it. False: there was none. */
export async function deleteConnector(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const gone = await tx.delete(connectors).where(mine(tenantId, id)).returning({ id: connectors.id });
  return gone.length > 0;
}

export interface WebhookKey {
  tenantId: string;
  sourceSystem: string;
  connectorType: ConnectorType;
  webhookSecretSealed: string;
}

/** The one read across tenants: a webhook proves who it is by the secret found here. */
export async function findWebhookKey(db: DbOrTx, id: string): Promise<WebhookKey | null> {
  const [key] = await db
    .select({
      tenantId: connectors.tenantId,
      sourceSystem: connectors.sourceSystem,
      connectorType: connectors.connectorType,
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
