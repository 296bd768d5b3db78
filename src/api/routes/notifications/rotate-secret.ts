import { createRoute } from '@hono/zod-openapi';
import { rotateSecret } from '../../../services/notifications/rotate-secret.ts';
import { IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { EndpointParams, EndpointWithSecret, endpointEntry } from './endpoint-entry.ts';

const contract = createRoute({
  method: 'post',
  path: '/v1/notifications/endpoints/{id}/rotate-secret',
  tags: ['Notifications'],
  summary: 'Rotate the secret',
  description:
    'Makes a new secret. For 24 hours messages are signed with both, so that the receiver can change over; a second rotation within them ends the first secret at once.',
  security: SECURITY,
  request: { params: EndpointParams, headers: IdempotencyHeader },
  responses: {
    200: json(EndpointWithSecret, 'The endpoint with its new secret'),
    ...problems(404, 409, 422),
  },
});

export function rotateSecretRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { endpoint, secret } = await rotateSecret(c.get('ctx'), { endpointId: c.req.valid('param').id });
    return c.json({ ...endpointEntry(endpoint), secret }, 200);
  });
}
