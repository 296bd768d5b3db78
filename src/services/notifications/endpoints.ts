import type { Ctx } from '../../context.ts';
import {
  type Endpoint,
  type EndpointPosition,
  findEndpoint,
  listEndpoints as select,
} from '../../db/queries/notification-endpoints.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertEndpointId, endpointNotFound } from './not-found.ts';

/** Throws NotFoundError `notification.endpoint_not_found`. */
export async function getEndpoint(ctx: Ctx, { endpointId }: { endpointId: string }): Promise<Endpoint> {
  assertEndpointId(endpointId);
  const endpoint = await findEndpoint(ctx.database.db, ctx.tenantId, endpointId);
  if (!endpoint) throw endpointNotFound();
  return endpoint;
}

/** Endpoints of the tenant, newest first. */
export async function listEndpoints(
  ctx: Ctx,
  { limit, after }: { limit: number; after: EndpointPosition | null },
): Promise<Page<Endpoint & { position: string }>> {
  return pageOf(
    await select(ctx.database.db, { tenantId: ctx.tenantId, limit: oneMore(limit), after }),
    limit,
  );
}
