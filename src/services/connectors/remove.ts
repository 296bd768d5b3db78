import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { cancelUnfinishedRun, deleteConnector, pauseConnector } from '../../db/queries/connectors.ts';
import { dropStagingSchema } from '../../db/queries/staging-schemas.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

/**
 * Deletes a connector for good: its run is cancelled, then its staging schema, mappings, runs, jobs, rejected rows and states go with it.
 * Two transactions, because a worker holds staging tables while it asks whether the run is still its own: it must be able to read "no"
 * before the schema can be locked. If the second fails the connector is left paused and the request can be repeated.
 * Throws NotFoundError `connector.not_found`.
 */
export async function removeConnector(ctx: Ctx, { connectorId }: { connectorId: string }): Promise<void> {
  assertConnectorId(connectorId);
  const stagingSchema = await stop(ctx, connectorId);
  await ctx.database.db.transaction(async (tx) => {
    await dropStagingSchema(tx, stagingSchema);
    await deleteConnector(tx, ctx.tenantId, connectorId);
    await insertAuditEvent(tx, ctx, { action: 'connector.delete', subject: connectorId });
  });
}

function stop(ctx: Ctx, connectorId: string): Promise<string> {
  return ctx.database.db.transaction(async (tx) => {
    const connector = await pauseConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw connectorNotFound();
    const runId = await cancelUnfinishedRun(tx, ctx.tenantId, connectorId);
    if (runId) {
      const detail = { reason: 'the connector is being deleted' };
      await insertAuditEvent(tx, ctx, { action: 'run.cancel', subject: runId, detail });
    }
    return connector.stagingSchema;
  });
}
