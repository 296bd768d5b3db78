import { createRoute, z } from '@hono/zod-openapi';
import { getEndpoint, listEndpoints } from '../../../services/notifications/endpoints.ts';
import { json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';
import { EndpointParams, endpointEntry, NotificationEndpoint } from './endpoint-entry.ts';

const STANDARD_LIMIT = 50;

const EndpointList = z
  .object({ endpoints: z.array(NotificationEndpoint), count: z.int(), next_cursor: NextCursor })
  .openapi('NotificationEndpointList');

const cursor = createCursor('notification-endpoints', z.tuple([z.iso.datetime().startsWith('2'), z.uuid()]));

const list = createRoute({
  method: 'get',
  path: '/v1/notifications/endpoints',
  tags: ['Notifications'],
  summary: 'List endpoints',
  description: 'Newest first.',
  security: SECURITY,
  request: { query: z.object({ limit: limitParam(STANDARD_LIMIT), cursor: cursorParam }) },
  responses: { 200: json(EndpointList, 'The endpoints'), ...problems(422) },
});

export function listEndpointsRoute(app: Api): void {
  app.openapi(list, async (c) => {
    const { limit, cursor: at } = c.req.valid('query');
    const page = await listEndpoints(c.get('ctx'), { limit, after: cursor.read(at) });
    const endpoints = page.items.map(endpointEntry);
    const next = nextCursor(page, cursor, ({ position, id }): [string, string] => [position, id]);
    return c.json({ endpoints, count: endpoints.length, ...next }, 200);
  });
}

const get = createRoute({
  method: 'get',
  path: '/v1/notifications/endpoints/{id}',
  tags: ['Notifications'],
  summary: 'Get an endpoint',
  description: 'Its secret is told when it is made, and never again.',
  security: SECURITY,
  request: { params: EndpointParams },
  responses: { 200: json(NotificationEndpoint, 'The endpoint'), ...problems(404) },
});

export function getEndpointRoute(app: Api): void {
  app.openapi(get, async (c) => {
    const endpoint = await getEndpoint(c.get('ctx'), { endpointId: c.req.valid('param').id });
    return c.json(endpointEntry(endpoint), 200);
  });
}
