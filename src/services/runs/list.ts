import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { listSyncRuns, type SyncRun } from '../../db/queries/sync-runs.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

/** Finished runs, latest first. Throws NotFoundError `connector.not_found`. */
export async function listRuns(
  ctx: Ctx,
  { connectorId, limit }: { connectorId: string; limit: number },
): Promise<SyncRun[]> {
  assertConnectorId(connectorId);
  const { db } = ctx.database;
  if (!(await findConnector(db, ctx.tenantId, connectorId))) throw connectorNotFound();
  return listSyncRuns(db, { tenantId: ctx.tenantId, connectorId, limit });
}
