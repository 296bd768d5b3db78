import { createRoute } from '@hono/zod-openapi';
import { getConnector } from '../../../services/connectors/get.ts';
import { ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { etagOf } from '../../if-match.ts';
import { ConnectorDetail, connectorDetail } from './detail.ts';

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}',
  tags: ['Connectors'],
  summary: 'Get connector detail',
  description: 'Its `version` is also the ETag: send it as If-Match to change only what you have seen.',
  security: SECURITY,
  request: { params: ConnectorParams },
  responses: { 200: json(ConnectorDetail, 'The connector'), ...problems(404) },
});

export function getConnectorRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const connector = await getConnector(c.get('ctx'), { connectorId: c.req.valid('param').id });
    c.header('ETag', etagOf(connector.version));
    return c.json(connectorDetail(connector), 200);
  });
}
