import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { changeEndpoint, type Endpoint } from '../../db/queries/notification-endpoints.ts';
import { assertEndpointSettings, type EndpointSettings, hostIn } from './endpoint-settings.ts';
import { assertEndpointId, endpointNotFound } from './not-found.ts';

/** Switched on again, it begins with a clean slate. */
const ON_AGAIN = { disabledReason: null, disabledAt: null, failingSince: null, failures: 0 };

/**
 * Changes what the patch names. Errors: NotFoundError `notification.endpoint_not_found`, InvalidError as assertEndpointSettings.
 */
export async function updateEndpoint(
  ctx: Ctx,
  { endpointId, patch }: { endpointId: string; patch: Partial<EndpointSettings> },
): Promise<Endpoint> {
  assertEndpointId(endpointId);
  await assertEndpointSettings(ctx, patch);
  return ctx.database.db.transaction(async (tx) => {
    const change = { ...patch, ...(patch.active ? ON_AGAIN : {}) };
    const endpoint = await changeEndpoint(tx, ctx.tenantId, endpointId, change);
    if (!endpoint) throw endpointNotFound();
    await insertAuditEvent(tx, ctx, {
      action: 'notification_endpoint.update',
      subject: endpointId,
      detail: { changed: Object.keys(patch), ...(patch.url ? { host: hostIn(patch.url) } : {}) },
    });
    return endpoint;
  });
}
