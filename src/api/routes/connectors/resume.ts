import { createRoute, z } from '@hono/zod-openapi';
import { resumeConnector } from '../../../services/connectors/resume.ts';
import { ConnectorParams, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';

const Resumed = z.object({ connector_id: z.string(), status: z.literal('active') }).openapi('Resumed');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/resume',
  tags: ['Connectors'],
  summary: 'Resume a connector',
  description:
    'Re-activates a paused or errored connector; its next run is at the next time of its schedule.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader },
  responses: { 200: json(Resumed, 'Active'), ...problems(404) },
});

export function resumeConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id } = await resumeConnector(c.get('ctx'), { connectorId: c.req.valid('param').id });
    return c.json({ connector_id: id, status: 'active' as const }, 200);
  });
}
