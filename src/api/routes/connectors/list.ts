import { createRoute, z } from '@hono/zod-openapi';
import { listConnectors } from '../../../services/connectors/list.ts';
import { json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { ConnectorEntry, connectorEntry } from './entry.ts';

const ConnectorList = z
  .object({ connectors: z.array(ConnectorEntry), count: z.int() })
  .openapi('ConnectorList');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors',
  tags: ['Connectors'],
  summary: 'List connectors',
  description:
    'All connectors of the tenant with the summary of their last finished run, newest connector first.',
  security: SECURITY,
  responses: { 200: json(ConnectorList, 'The connectors'), ...problems() },
});

export function listConnectorsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const connectors = (await listConnectors(c.get('ctx'))).map(connectorEntry);
    return c.json({ connectors, count: connectors.length }, 200);
  });
}
