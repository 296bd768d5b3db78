import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { changeSecret, type Endpoint } from '../../db/queries/notification-endpoints.ts';
import { OLD_SECRET_MS } from '../../domain/notification.ts';
import { newSecret } from '../../domain/notification-signature.ts';
import { secretPlace } from './endpoint-secret.ts';
import { assertEndpointId, endpointNotFound } from './not-found.ts';

/**
 * Gives an endpoint a new secret; messages are signed with both for a day. Throws NotFoundError `notification.endpoint_not_found`.
 */
export async function rotateSecret(
  ctx: Ctx,
  { endpointId }: { endpointId: string },
): Promise<{ endpoint: Endpoint; secret: string }> {
  assertEndpointId(endpointId);
  const { tenantId } = ctx;
  const secret = newSecret();
  const secretSealed = ctx.sealer.seal(secret, secretPlace({ tenantId, endpointId }));
  return ctx.database.db.transaction(async (tx) => {
    const endpoint = await changeSecret(tx, tenantId, endpointId, { secretSealed, oldMs: OLD_SECRET_MS });
    if (!endpoint) throw endpointNotFound();
    await insertAuditEvent(tx, ctx, {
      action: 'notification_endpoint.rotate_secret',
      subject: endpointId,
    });
    return { endpoint, secret };
  });
}
