import { and, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { connectors, syncRuns } from '../schema/index.ts';
import type { ConnectorRow } from './run-finish.ts';

export async function findSyncRun(db: DbOrTx, tenantId: string, runId: string) {
  const [run] = await db
    .select()
    .from(syncRuns)
    .where(and(eq(syncRuns.id, runId), eq(syncRuns.tenantId, tenantId)));
  return run ?? null;
}

/** The connector a run belongs to, config and all: for workers only. */
export async function findConnectorOfRun(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<ConnectorRow | null> {
  const [connector] = await db
    .select()
    .from(connectors)
    .where(and(eq(connectors.id, connectorId), eq(connectors.tenantId, tenantId)));
  return connector ?? null;
}
