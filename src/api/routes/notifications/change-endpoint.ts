import { createRoute, z } from '@hono/zod-openapi';
import { removeEndpoint } from '../../../services/notifications/remove-endpoint.ts';
import { updateEndpoint } from '../../../services/notifications/update-endpoint.ts';
import { body, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { EndpointParams, endpointEntry, NotificationEndpoint, SETTINGS } from './endpoint-entry.ts';

const UpdateEndpoint = z
  .strictObject(SETTINGS)
  .partial()
  .refine((patch) => Object.keys(patch).length > 0, 'names nothing to change')
  .openapi('UpdateNotificationEndpoint');

const update = createRoute({
  method: 'patch',
  path: '/v1/notifications/endpoints/{id}',
  tags: ['Notifications'],
  summary: 'Change an endpoint',
  description:
    'Changes the named fields. Switched off, an endpoint gets nothing: what comes due is given up, and can be redelivered. Switched on again, what is known of its failures is forgotten.',
  security: SECURITY,
  request: { params: EndpointParams, body: body(UpdateEndpoint) },
  responses: {
    200: json(NotificationEndpoint, 'The endpoint as it is now'),
    ...problems(400, 404, 413, 415, 422),
  },
});

export function updateEndpointRoute(app: Api): void {
  app.openapi(update, async (c) => {
    const { connector_ids, ...asked } = c.req.valid('json');
    const patch = { ...asked, connectorIds: connector_ids };
    const endpoint = await updateEndpoint(c.get('ctx'), {
      endpointId: c.req.valid('param').id,
      patch: Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)),
    });
    return c.json(endpointEntry(endpoint), 200);
  });
}

const remove = createRoute({
  method: 'delete',
  path: '/v1/notifications/endpoints/{id}',
  tags: ['Notifications'],
  summary: 'Delete an endpoint',
  description: 'For good: what waits for it and its log go with it.',
  security: SECURITY,
  request: { params: EndpointParams },
  responses: { 204: { description: 'Deleted' }, ...problems(404) },
});

export function removeEndpointRoute(app: Api): void {
  app.openapi(remove, async (c) => {
    await removeEndpoint(c.get('ctx'), { endpointId: c.req.valid('param').id });
    return c.body(null, 204);
  });
}
