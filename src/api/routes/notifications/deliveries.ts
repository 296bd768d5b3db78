import { createRoute, z } from '@hono/zod-openapi';
import { MESSAGE_TYPES } from '../../../domain/notification.ts';
import { getDelivery, listDeliveries } from '../../../services/notifications/deliveries.ts';
import { json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';
import {
  DeliveryDetail,
  deliveryDetail,
  deliveryEntry,
  NotificationDelivery,
  ShownStatus,
  statusesOf,
} from './delivery-entry.ts';
import { EndpointParams } from './endpoint-entry.ts';

const STANDARD_LIMIT = 50;

const DeliveryList = z
  .object({ deliveries: z.array(NotificationDelivery), count: z.int(), next_cursor: NextCursor })
  .openapi('NotificationDeliveryList');

const cursor = createCursor('notification-deliveries', z.int().min(0));

const list = createRoute({
  method: 'get',
  path: '/v1/notifications/deliveries',
  tags: ['Notifications'],
  summary: 'List deliveries',
  description: 'What was sent, is to be sent or was given up, latest first. Kept for 30 days.',
  security: SECURITY,
  request: {
    query: z.object({
      endpoint_id: z.uuid().optional(),
      connector_id: z.uuid().optional(),
      type: z.enum(MESSAGE_TYPES).optional(),
      status: ShownStatus.optional(),
      limit: limitParam(STANDARD_LIMIT),
      cursor: cursorParam,
    }),
  },
  responses: { 200: json(DeliveryList, 'The deliveries'), ...problems(422) },
});

export function listDeliveriesRoute(app: Api): void {
  app.openapi(list, async (c) => {
    const { endpoint_id, connector_id, type, status, limit, cursor: at } = c.req.valid('query');
    const page = await listDeliveries(c.get('ctx'), {
      filter: {
        endpointId: endpoint_id,
        connectorId: connector_id,
        type,
        statuses: status && statusesOf(status),
      },
      limit,
      before: cursor.read(at),
    });
    const deliveries = page.items.map(deliveryEntry);
    const next = nextCursor(page, cursor, ({ seq }) => seq);
    return c.json({ deliveries, count: deliveries.length, ...next }, 200);
  });
}

const get = createRoute({
  method: 'get',
  path: '/v1/notifications/deliveries/{id}',
  tags: ['Notifications'],
  summary: 'Get a delivery',
  description: 'With what is sent and how each attempt went.',
  security: SECURITY,
  request: { params: EndpointParams },
  responses: { 200: json(DeliveryDetail, 'The delivery'), ...problems(404) },
});

export function getDeliveryRoute(app: Api): void {
  app.openapi(get, async (c) => {
    const delivery = await getDelivery(c.get('ctx'), { deliveryId: c.req.valid('param').id });
    return c.json(deliveryDetail(delivery), 200);
  });
}
