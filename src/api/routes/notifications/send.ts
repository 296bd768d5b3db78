import { createRoute } from '@hono/zod-openapi';
import { redeliver } from '../../../services/notifications/redeliver.ts';
import { testEndpoint } from '../../../services/notifications/test-endpoint.ts';
import { IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { DeliveryDetail, deliveryDetail } from './delivery-entry.ts';
import { EndpointParams } from './endpoint-entry.ts';

const test = createRoute({
  method: 'post',
  path: '/v1/notifications/endpoints/{id}/test',
  tags: ['Notifications'],
  summary: 'Send a ping',
  description: 'Sends a `ping`, whatever events the endpoint wants. The delivery tells how it went.',
  security: SECURITY,
  request: { params: EndpointParams, headers: IdempotencyHeader },
  responses: { 202: json(DeliveryDetail, 'The delivery, as it waits'), ...problems(404, 409, 422) },
});

export function testEndpointRoute(app: Api): void {
  app.openapi(test, async (c) => {
    const delivery = await testEndpoint(c.get('ctx'), { endpointId: c.req.valid('param').id });
    return c.json(deliveryDetail(delivery), 202);
  });
}

const again = createRoute({
  method: 'post',
  path: '/v1/notifications/deliveries/{id}/redeliver',
  tags: ['Notifications'],
  summary: 'Send again',
  description:
    'Sends the message to its endpoint once more, under the same `webhook-id`, with all the retries of a first time; also one that was delivered.',
  security: SECURITY,
  request: { params: EndpointParams, headers: IdempotencyHeader },
  responses: { 202: json(DeliveryDetail, 'The delivery, as it waits'), ...problems(404, 409, 422) },
});

export function redeliverRoute(app: Api): void {
  app.openapi(again, async (c) => {
    const delivery = await redeliver(c.get('ctx'), { deliveryId: c.req.valid('param').id });
    return c.json(deliveryDetail(delivery), 202);
  });
}
