import { createRoute, z } from '@hono/zod-openapi';
import { createEndpoint } from '../../../services/notifications/create-endpoint.ts';
import { body, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { EndpointWithSecret, endpointEntry, SETTINGS } from './endpoint-entry.ts';

const CreateEndpoint = z
  .strictObject({
    url: SETTINGS.url,
    description: SETTINGS.description.default(null),
    events: SETTINGS.events.default(null),
    connector_ids: SETTINGS.connector_ids.default(null),
    active: SETTINGS.active.default(true),
  })
  .openapi('CreateNotificationEndpoint');

const contract = createRoute({
  method: 'post',
  path: '/v1/notifications/endpoints',
  tags: ['Notifications'],
  summary: 'Register an endpoint',
  description:
    'A server of yours that is to be told of what happens, by signed POSTs in the form of the Standard Webhooks specification. At most 20.',
  security: SECURITY,
  request: { headers: IdempotencyHeader, body: body(CreateEndpoint) },
  responses: {
    201: json(EndpointWithSecret, 'Registered, with the secret its messages are signed with'),
    ...problems(400, 409, 413, 415, 422),
  },
});

export function createEndpointRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { connector_ids, ...settings } = c.req.valid('json');
    const { endpoint, secret } = await createEndpoint(c.get('ctx'), {
      ...settings,
      connectorIds: connector_ids,
    });
    c.header('Location', `/v1/notifications/endpoints/${endpoint.id}`);
    return c.json({ ...endpointEntry(endpoint), secret }, 201);
  });
}
