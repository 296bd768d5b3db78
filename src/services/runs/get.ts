import type { Ctx } from '../../context.ts';
import { type Connector, findConnector } from '../../db/queries/connectors.ts';
import { findOwnRun } from '../../db/queries/run-cancel.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import { findSyncRun } from '../../db/queries/run-outcome.ts';
import type { SyncRun } from '../../db/queries/sync-runs.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { assertRunId, runNotFound } from './run-id.ts';

export interface RunDetail {
  connector: Connector;
  run: RunRow;
  /** null while the run is unfinished. */
  history: SyncRun | null;
}

/** One run, unfinished or not. Throws NotFoundError `connector.not_found`, `run.not_found`. */
export async function getRun(
  ctx: Ctx,
  { connectorId, runId }: { connectorId: string; runId: string },
): Promise<RunDetail> {
  assertConnectorId(connectorId);
  const { db } = ctx.database;
  const connector = await findConnector(db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  assertRunId(runId);
  const run = await findOwnRun(db, ctx.tenantId, connectorId, runId);
  if (!run) throw runNotFound();
  return { connector, run, history: await findSyncRun(db, ctx.tenantId, runId) };
}
