import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { beginAgain, findDelivery } from '../../db/queries/notification-deliveries.ts';
import { lockEndpoint } from '../../db/queries/notification-endpoints.ts';
import { nudgeSending } from '../../db/queries/notification-messages.ts';
import { ConflictError } from '../../errors.ts';
import { relaySoon } from '../outbox/relay.ts';
import { type DeliveryDetail, getDelivery } from './deliveries.ts';
import { assertDeliveryId, deliveryNotFound, endpointInactive } from './not-found.ts';

/**
 * Sends a message to its endpoint once more, under the same webhook-id, with all the retries of a first time.
 * Errors: NotFoundError `notification.delivery_not_found`; ConflictError `notification.endpoint_inactive`, `notification.being_sent`.
 */
export async function redeliver(ctx: Ctx, { deliveryId }: { deliveryId: string }): Promise<DeliveryDetail> {
  assertDeliveryId(deliveryId);
  await ctx.database.db.transaction(async (tx) => {
    const delivery = await findDelivery(tx, ctx.tenantId, deliveryId);
    if (!delivery) throw deliveryNotFound();
    const endpoint = await lockEndpoint(tx, ctx.tenantId, delivery.endpointId);
    if (!endpoint) throw deliveryNotFound();
    if (!endpoint.active) throw endpointInactive();
    if (!(await beginAgain(tx, ctx.tenantId, deliveryId))) throw beingSent();
    await nudgeSending(tx, ctx.newId());
    await insertAuditEvent(tx, ctx, { action: 'notification.redeliver', subject: deliveryId });
  });
  await relaySoon(ctx);
  return getDelivery(ctx, { deliveryId });
}

function beingSent(): ConflictError {
  return new ConflictError('notification.being_sent', 'The delivery is being sent just now; try again.', {
    retryAfterS: 5,
  });
}
