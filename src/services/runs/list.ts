import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { listSyncRuns, type SyncRun } from '../../db/queries/sync-runs.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

export interface ListRunsInput {
  connectorId: string;
  limit: number;
  /** Only runs before the one with this load id. */
  before: number | null;
}

/** Finished runs, latest first. Throws NotFoundError `connector.not_found`. */
export async function listRuns(
  ctx: Ctx,
  { connectorId, limit, before }: ListRunsInput,
): Promise<Page<SyncRun>> {
  assertConnectorId(connectorId);
  const { db } = ctx.database;
  const { tenantId } = ctx;
  if (!(await findConnector(db, tenantId, connectorId))) throw connectorNotFound();
  return pageOf(await listSyncRuns(db, { tenantId, connectorId, limit: oneMore(limit), before }), limit);
}
