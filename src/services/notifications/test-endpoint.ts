import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findDelivery } from '../../db/queries/notification-deliveries.ts';
import { lockEndpoint } from '../../db/queries/notification-endpoints.ts';
import { insertMessageTo } from '../../db/queries/notification-messages.ts';
import { messageBody } from '../../domain/notification.ts';
import { relaySoon } from '../outbox/relay.ts';
import type { DeliveryDetail } from './deliveries.ts';
import { assertEndpointId, deliveryNotFound, endpointInactive, endpointNotFound } from './not-found.ts';

/**
 * Sends a `ping` to an endpoint, whatever events it wants. Answers the delivery, as it waits.
 * Errors: NotFoundError `notification.endpoint_not_found`, ConflictError `notification.endpoint_inactive`.
 */
export async function testEndpoint(
  ctx: Ctx,
  { endpointId }: { endpointId: string },
): Promise<DeliveryDetail> {
  assertEndpointId(endpointId);
  const { tenantId } = ctx;
  const [messageId, deliveryId] = [ctx.newId(), ctx.newId()];
  const delivery = await ctx.database.db.transaction(async (tx) => {
    const endpoint = await lockEndpoint(tx, tenantId, endpointId);
    if (!endpoint) throw endpointNotFound();
    if (!endpoint.active) throw endpointInactive();
    const message = { type: 'ping', connectorId: null, data: { endpoint_id: endpointId } } as const;
    const body = messageBody(message, ctx.now());
    const row = { id: messageId, tenantId, type: message.type, connectorId: null, body };
    await insertMessageTo(tx, row, { endpointId, deliveryId });
    await insertAuditEvent(tx, ctx, { action: 'notification_endpoint.test', subject: endpointId });
    return findDelivery(tx, tenantId, deliveryId);
  });
  await relaySoon(ctx);
  if (!delivery) throw deliveryNotFound();
  return { ...delivery, made: [] };
}
