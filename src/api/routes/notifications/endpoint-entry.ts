import { z } from '@hono/zod-openapi';
import { EVENT_TYPES, MAX_URL_LENGTH } from '../../../domain/notification.ts';
import type { getEndpoint } from '../../../services/notifications/endpoints.ts';
import { printable, Timestamp, timestamp, timestampOrNull } from '../../contract.ts';

type Endpoint = Awaited<ReturnType<typeof getEndpoint>>;

const MAX_CONNECTORS = 100;

/** What POST and PATCH take. */
export const SETTINGS = {
  url: printable(MAX_URL_LENGTH).openapi({
    description: 'https, at a public address, on port 443 or one from 1024 on.',
  }),
  description: printable(255).nullable(),
  events: z.array(z.enum(EVENT_TYPES)).min(1).max(EVENT_TYPES.length).nullable().openapi({
    description: 'null: all there are, and will be.',
  }),
  connector_ids: z.array(z.uuid().toLowerCase()).min(1).max(MAX_CONNECTORS).nullable().openapi({
    description: 'Only what happens to these; null: to all.',
  }),
  active: z.boolean(),
};

export const EndpointParams = z.object({
  id: z
    .string()
    .openapi({ param: { name: 'id', in: 'path' }, example: '5f0c7a52-3c39-4a3e-9d6b-0d2f7f6f3f11' }),
});

const SHOWN = {
  id: z.string(),
  url: z.string(),
  description: z.string().nullable(),
  events: z.array(z.enum(EVENT_TYPES)).nullable(),
  connector_ids: z.array(z.string()).nullable(),
  active: z.boolean(),
  disabled_reason: z.enum(['gone', 'failing']).nullable().openapi({
    description:
      'Why Ivory switched it off: its receiver answered 410, or nothing was delivered for five days.',
  }),
  disabled_at: Timestamp.nullable(),
  failing_since: Timestamp.nullable().openapi({ description: 'null: the last attempt was delivered.' }),
  old_secret_until: Timestamp.nullable().openapi({
    description: 'Until then messages are signed with the former secret too.',
  }),
  created_at: Timestamp,
  updated_at: Timestamp,
};

export const NotificationEndpoint = z.object(SHOWN).openapi('NotificationEndpoint');

export const EndpointWithSecret = z
  .object({
    ...SHOWN,
    secret: z.string().openapi({ example: 'whsec_...', description: 'Told this once: keep it.' }),
  })
  .openapi('NotificationEndpointWithSecret');

export function endpointEntry(endpoint: Endpoint): z.infer<typeof NotificationEndpoint> {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    events: endpoint.events,
    connector_ids: endpoint.connectorIds,
    active: endpoint.active,
    disabled_reason: endpoint.disabledReason,
    disabled_at: timestampOrNull(endpoint.disabledAt),
    failing_since: timestampOrNull(endpoint.failingSince),
    old_secret_until: timestampOrNull(endpoint.oldSecretUntil),
    created_at: timestamp(endpoint.createdAt),
    updated_at: timestamp(endpoint.updatedAt),
  };
}
