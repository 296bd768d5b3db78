import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import {
  countEndpoints,
  type Endpoint,
  insertEndpoint,
  lockEndpoint,
} from '../../db/queries/notification-endpoints.ts';
import { MAX_ENDPOINTS } from '../../domain/notification.ts';
import { newSecret } from '../../domain/notification-signature.ts';
import { ConflictError } from '../../errors.ts';
import { secretPlace } from './endpoint-secret.ts';
import { assertEndpointSettings, type EndpointSettings, hostIn } from './endpoint-settings.ts';

export interface CreatedEndpoint {
  endpoint: Endpoint;
  /** Told this once, kept sealed. */
  secret: string;
}

/**
 * Registers a place to be told of what happens.
 * Errors: InvalidError as assertEndpointSettings, ConflictError `notification.too_many_endpoints`.
 */
export async function createEndpoint(ctx: Ctx, settings: EndpointSettings): Promise<CreatedEndpoint> {
  await assertEndpointSettings(ctx, settings);
  const id = ctx.newId();
  return ctx.database.db.transaction(async (tx) => {
    const before = await madeBefore(ctx, tx, id);
    if (before) return before;
    await assertRoom(ctx, tx);
    const secret = newSecret();
    const { tenantId } = ctx;
    const secretSealed = ctx.sealer.seal(secret, secretPlace({ tenantId, endpointId: id }));
    const endpoint = await insertEndpoint(tx, { ...settings, id, tenantId, secretSealed });
    if (!endpoint) throw tooMany();
    await insertAuditEvent(tx, ctx, {
      action: 'notification_endpoint.create',
      subject: id,
      detail: { host: hostIn(settings.url) },
    });
    return { endpoint, secret };
  });
}

async function assertRoom(ctx: Ctx, tx: DbOrTx): Promise<void> {
  if ((await countEndpoints(tx, ctx.tenantId)) >= MAX_ENDPOINTS) throw tooMany();
}

/** The endpoint that this very request, cut off before its answer was kept, had made: its ids are the same each time. */
async function madeBefore(ctx: Ctx, tx: DbOrTx, id: string): Promise<CreatedEndpoint | null> {
  const endpoint = await lockEndpoint(tx, ctx.tenantId, id);
  if (!endpoint) return null;
  const place = secretPlace({ tenantId: ctx.tenantId, endpointId: id });
  return { endpoint, secret: ctx.sealer.open(endpoint.secretSealed, place) };
}

function tooMany(): ConflictError {
  return new ConflictError(
    'notification.too_many_endpoints',
    `You have ${MAX_ENDPOINTS} endpoints, as many as there may be; delete one first.`,
  );
}
