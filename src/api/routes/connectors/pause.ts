import { createRoute, z } from '@hono/zod-openapi';
import { pauseConnector } from '../../../services/connectors/pause.ts';
import { ConnectorParams, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';

const Paused = z.object({ connector_id: z.string(), status: z.literal('paused') }).openapi('Paused');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/pause',
  tags: ['Connectors'],
  summary: 'Pause a connector',
  description: 'No new runs are dispatched; a run in progress goes on.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader },
  responses: { 200: json(Paused, 'Paused'), ...problems(404) },
});

export function pauseConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id } = await pauseConnector(c.get('ctx'), { connectorId: c.req.valid('param').id });
    return c.json({ connector_id: id, status: 'paused' as const }, 200);
  });
}
