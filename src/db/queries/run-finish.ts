import { and, eq, inArray, lte, sql } from 'drizzle-orm';
import type { JsonText } from '../../domain/lossless-json.ts';
import { predecessors, type RunStatus } from '../../domain/run-state.ts';
import { refusedIn, type TableStats } from '../../domain/stats.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, runnerJobs, stateHistory, syncRuns } from '../schema/index.ts';
import { hasEndpoints } from './notification-endpoints.ts';
import type { RunRow } from './run-claims.ts';
import { type KeptRecord, keptWithLine } from './run-log.ts';

export type FinalStatus = 'completed' | 'partial' | 'failed' | 'cancelled';
export type ConnectorRow = typeof connectors.$inferSelect;
/** A connector locked until the transaction ends, with Postgres' clock. */
export type LockedConnector = ConnectorRow & {
  clock: Date;
  /** Whether its tenant wants to be told of anything. */
  hasEndpoints: boolean;
};

/** States kept for a rollback. */
const STATES_KEPT = 20;

export interface Ending {
  tenantId: string;
  runId: string;
  /** The lease of the worker that ends it; null: nobody holds it. */
  fence: number | null;
  status: FinalStatus;
  errorCode: string | null;
  errorMsg: string | null;
  /** What the worker that ends it kept of its work. */
  kept?: KeptRecord;
}

/** Ends a run, once: null when it had ended before, or the ender lost it. */
export async function endRun(tx: DbOrTx, ending: Ending): Promise<RunRow | null> {
  const from = predecessors(ending.status satisfies RunStatus);
  const [run] = await tx
    .update(runnerJobs)
    .set({
      ...keptWithLine(ending.kept ?? {}, lastWords(ending)),
      status: ending.status,
      errorCode: ending.errorCode,
      errorMsg: ending.errorMsg,
      leaseUntil: null,
      finishedAt: sql`now()`,
    })
    .where(
      and(
        eq(runnerJobs.id, ending.runId),
        eq(runnerJobs.tenantId, ending.tenantId),
        inArray(runnerJobs.status, from),
        ending.fence === null ? undefined : eq(runnerJobs.fence, ending.fence),
      ),
    )
    .returning();
  return run ?? null;
}

function lastWords({ status, errorCode, errorMsg }: Ending): string {
  return [`the run ended: ${status}`, errorCode && `(${errorCode})`, errorMsg].filter(Boolean).join(' ');
}

/** The history row of an ended run. Times come from its own row. What was refused before staging was read, and is an error. */
export async function insertSyncRun(
  tx: DbOrTx,
  run: RunRow,
  icebergTable: string,
  tables: TableStats[],
): Promise<void> {
  const finishedAt = run.finishedAt ?? run.createdAt;
  const startedAt = run.startedAt ?? run.createdAt;
  const refused = refusedIn(run.streamStats);
  await tx.insert(syncRuns).values({
    id: run.id,
    tenantId: run.tenantId,
    connectorId: run.connectorId,
    loadId: run.loadId,
    status: run.status,
    trigger: run.trigger,
    rowsSynced: (run.rowsWritten ?? 0) + refused,
    rowsLoaded: tables.reduce((sum, table) => sum + table.loaded, 0),
    transformErrors: tables.reduce((sum, table) => sum + table.rejected, refused),
    tables,
    streamStats: run.streamStats,
    icebergTable,
    errorCode: run.errorCode,
    errorMsg: run.errorMsg,
    startedAt,
    completedAt: finishedAt,
    durationS: Math.max(0, Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000)),
  });
}

/**
 * Locks the connector's row for the change a finished run makes to it. Null: it was deleted meanwhile. Rows that only refer to it
 * (a load's rejected rows) are not held up.
 */
export async function lockConnector(
  tx: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<LockedConnector | null> {
  const [row] = await tx
    .select({ connector: connectors, clock: sql<string>`now()`, hasEndpoints: hasEndpoints(tenantId) })
    .from(connectors)
    .where(and(eq(connectors.id, connectorId), eq(connectors.tenantId, tenantId)))
    .for('no key update');
  return row ? { ...row.connector, clock: new Date(row.clock), hasEndpoints: row.hasEndpoints } : null;
}

export interface ConnectorOutcome {
  status: ConnectorRow['status'];
  consecutiveFailures: number;
  nextRunAt: Date | null;
  nextTrigger: ConnectorRow['nextTrigger'];
  rowsLoaded: number;
  /** When the run that brought everything began; null: none did. */
  syncedAt: Date | null;
  lastError: string | null;
}

export async function applyOutcome(
  tx: DbOrTx,
  connector: ConnectorRow,
  outcome: ConnectorOutcome,
): Promise<void> {
  await tx
    .update(connectors)
    .set({
      status: outcome.status,
      consecutiveFailures: outcome.consecutiveFailures,
      nextRunAt: outcome.nextRunAt,
      nextTrigger: outcome.nextTrigger,
      rowsTotal: sql`${connectors.rowsTotal} + ${outcome.rowsLoaded}`,
      lastError: outcome.lastError,
      ...(outcome.syncedAt ? { lastSyncedAt: outcome.syncedAt } : {}),
      updatedAt: sql`now()`,
    })
    .where(and(eq(connectors.id, connector.id), eq(connectors.tenantId, connector.tenantId)));
}

/** Moves the bookmark on and keeps the last 20 states; the newest is the current one. Answers its version. */
export async function saveState(
  tx: DbOrTx,
  connector: ConnectorRow,
  state: JsonText | null,
  by: { runId: string | null; actor: string },
): Promise<number> {
  const version = connector.stateVersion + 1;
  const mine = and(eq(connectors.id, connector.id), eq(connectors.tenantId, connector.tenantId));
  await tx.update(connectors).set({ tapState: state, stateVersion: version }).where(mine);
  await tx
    .insert(stateHistory)
    .values({ connectorId: connector.id, tenantId: connector.tenantId, version, state, ...by });
  await tx
    .delete(stateHistory)
    .where(and(eq(stateHistory.connectorId, connector.id), lte(stateHistory.version, version - STATES_KEPT)));
  return version;
}
