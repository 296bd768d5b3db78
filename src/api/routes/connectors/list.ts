import { createRoute, z } from '@hono/zod-openapi';
import { listConnectors } from '../../../services/connectors/list.ts';
import { json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, NextCursor, nextCursor, optionalLimit } from '../../page.ts';
import { ConnectorEntry, connectorEntry } from './entry.ts';

const ConnectorList = z
  .object({ connectors: z.array(ConnectorEntry), count: z.int(), next_cursor: NextCursor })
  .openapi('ConnectorList');

const cursor = createCursor('connectors', z.tuple([z.iso.datetime().startsWith('2'), z.uuid()]));

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors',
  tags: ['Connectors'],
  summary: 'List connectors',
  description:
    'All connectors of the tenant with the summary of their last finished run, newest connector first; with `limit`, page by page. `count` is that of the page.',
  security: SECURITY,
  request: { query: z.object({ limit: optionalLimit, cursor: cursorParam }) },
  responses: { 200: json(ConnectorList, 'The connectors'), ...problems(422) },
});

export function listConnectorsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { limit = null, cursor: at } = c.req.valid('query');
    const page = await listConnectors(c.get('ctx'), { limit, after: cursor.read(at) });
    const connectors = page.items.map(connectorEntry);
    const next = nextCursor(page, cursor, ({ position, id }) => [position, id]);
    return c.json({ connectors, count: connectors.length, ...next }, 200);
  });
}
