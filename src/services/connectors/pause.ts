import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { type Connector, pauseConnector as update } from '../../db/queries/connectors.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

/** Stops dispatching; a run in progress goes on. Pausing twice changes nothing. Throws NotFoundError `connector.not_found`. */
export async function pauseConnector(ctx: Ctx, { connectorId }: { connectorId: string }): Promise<Connector> {
  assertConnectorId(connectorId);
  return ctx.database.db.transaction(async (tx) => {
    const paused = await update(tx, ctx.tenantId, connectorId);
    if (!paused) throw connectorNotFound();
    await insertAuditEvent(tx, ctx, { action: 'connector.pause', subject: connectorId });
    return paused;
  });
}
