import { createRoute, z } from '@hono/zod-openapi';
import { triggerConnector } from '../../../services/connectors/trigger.ts';
import { ConnectorParams, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';

const Triggered = z
  .object({
    connector_id: z.string(),
    source_system: z.string(),
    status: z.literal('queued'),
    message: z.string(),
    run_id: z.string().optional().openapi({ description: 'The unfinished run this request joined.' }),
  })
  .openapi('Triggered');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/trigger',
  tags: ['Connectors'],
  summary: 'Trigger a manual sync',
  description:
    'Starts a run within seconds. While a run is unfinished it is answered instead, and no second one starts.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader },
  responses: { 202: json(Triggered, 'Enqueued'), ...problems(404, 409) },
});

export function triggerConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const triggered = await triggerConnector(c.get('ctx'), { connectorId: c.req.valid('param').id });
    return c.json(
      {
        connector_id: triggered.connectorId,
        source_system: triggered.sourceSystem,
        status: 'queued' as const,
        message: 'Sync enqueued. The runner will pick it up within 60s.',
        ...(triggered.runId === null ? {} : { run_id: triggered.runId }),
      },
      202,
    );
  });
}
