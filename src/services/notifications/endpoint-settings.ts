import type { Ctx } from '../../context.ts';
import { knownConnectors } from '../../db/queries/notification-endpoints.ts';
import type { EventType } from '../../domain/notification.ts';
import { InvalidError } from '../../errors.ts';

/** What a tenant may say of an endpoint. */
export interface EndpointSettings {
  url: string;
  description: string | null;
  /** null: all, also those there will be. */
  events: EventType[] | null;
  /** null: of all connectors. */
  connectorIds: string[] | null;
  active: boolean;
}

/**
 * Throws InvalidError `notification.url_invalid`, `notification.address_not_allowed`, `notification.connector_unknown`.
 */
export async function assertEndpointSettings(ctx: Ctx, settings: Partial<EndpointSettings>): Promise<void> {
  if (settings.url !== undefined) await ctx.webhooks.assertUrl(settings.url);
  const ids = settings.connectorIds;
  if (!ids) return;
  const known = new Set(await knownConnectors(ctx.database.db, ctx.tenantId, ids));
  const unknown = ids.filter((id) => !known.has(id.toLowerCase()));
  if (unknown.length === 0) return;
  throw new InvalidError('notification.connector_unknown', 'Some connectors are not yours.', {
    errors: unknown.map((id) => ({
      field: 'connector_ids',
      message: `no connector of yours has the id ${id}`,
    })),
  });
}

/** A path may hold a secret: what is written down of a url is where it leads. */
export function hostIn(url: string): string {
  return new URL(url).host;
}
