import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertMessage } from '../../db/queries/notification-messages.ts';
import { messageBody, type NotificationMessage } from '../../domain/notification.ts';

/** Tells the tenant's endpoints that want to know, in the transaction of what it tells: with it or not at all. */
export async function notify(
  ctx: Pick<Ctx, 'tenantId' | 'newId' | 'now'>,
  tx: DbOrTx,
  message: NotificationMessage,
): Promise<void> {
  const { tenantId } = ctx;
  const { type, connectorId } = message;
  await insertMessage(tx, {
    id: ctx.newId(),
    tenantId,
    type,
    connectorId,
    body: messageBody(message, ctx.now()),
  });
}
