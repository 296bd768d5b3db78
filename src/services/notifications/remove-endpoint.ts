import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { deleteEndpoint } from '../../db/queries/notification-endpoints.ts';
import { assertEndpointId, endpointNotFound } from './not-found.ts';

/** Deletes an endpoint with its deliveries. Throws NotFoundError `notification.endpoint_not_found`. */
export async function removeEndpoint(ctx: Ctx, { endpointId }: { endpointId: string }): Promise<void> {
  assertEndpointId(endpointId);
  await ctx.database.db.transaction(async (tx) => {
    if (!(await deleteEndpoint(tx, ctx.tenantId, endpointId))) throw endpointNotFound();
    await insertAuditEvent(tx, ctx, { action: 'notification_endpoint.delete', subject: endpointId });
  });
}
