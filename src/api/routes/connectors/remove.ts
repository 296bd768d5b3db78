import { createRoute } from '@hono/zod-openapi';
import { removeConnector } from '../../../services/connectors/remove.ts';
import { ConnectorParams, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';

const contract = createRoute({
  method: 'delete',
  path: '/v1/admin/connectors/{id}',
  tags: ['Connectors'],
  summary: 'Delete a connector',
  description: 'For good: its mappings, runs, state and staged rows go with it; a running sync is cancelled.',
  security: SECURITY,
  request: { params: ConnectorParams },
  responses: { 204: { description: 'Deleted' }, ...problems(404) },
});

export function removeConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    await removeConnector(c.get('ctx'), { connectorId: c.req.valid('param').id });
    return c.body(null, 204);
  });
}
