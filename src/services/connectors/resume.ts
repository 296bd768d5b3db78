import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { readClock } from '../../db/queries/clock.ts';
import { type Connector, findConnector, reopenConnector } from '../../db/queries/connectors.ts';
import { nextSlot } from '../../domain/schedule.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

/**
 * Opens a paused or errored connector again: no failures, next run at its schedule's next time. An active one stays as it is.
 * Throws NotFoundError `connector.not_found`.
 */
export async function resumeConnector(
  ctx: Ctx,
  { connectorId }: { connectorId: string },
): Promise<Connector> {
  assertConnectorId(connectorId);
  return ctx.database.db.transaction(async (tx) => {
    const connector = await findConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw connectorNotFound();
    const nextRunAt = nextSlot(connector.syncSchedule, connector.timezone, await readClock(tx));
    const open = await reopenConnector(tx, ctx.tenantId, {
      id: connectorId,
      from: ['paused', 'error'],
      nextRunAt,
    });
    if (open) await insertAuditEvent(tx, ctx, { action: 'connector.resume', subject: connectorId });
    return open ?? connector;
  });
}
