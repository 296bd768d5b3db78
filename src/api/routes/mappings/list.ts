import { createRoute, z } from '@hono/zod-openapi';
import { listMappings } from '../../../services/mappings/list.ts';
import { ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, NextCursor, nextCursor, optionalLimit } from '../../page.ts';
import { MappingEntry, mappingEntry } from './entry.ts';

const MappingList = z
  .object({ mappings: z.array(MappingEntry), count: z.int(), next_cursor: NextCursor })
  .openapi('MappingList');

const keepable = z.string().refine((text) => !text.includes('\0') && text.isWellFormed());
const cursor = createCursor('mappings', z.tuple([keepable, keepable]));

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/mappings',
  tags: ['Field mappings'],
  summary: 'List field mappings',
  description:
    'All mappings of the connector, by source_stream, then source_field; with `limit`, page by page.',
  security: SECURITY,
  request: { params: ConnectorParams, query: z.object({ limit: optionalLimit, cursor: cursorParam }) },
  responses: { 200: json(MappingList, 'The mappings'), ...problems(404, 422) },
});

export function listMappingsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { limit = null, cursor: at } = c.req.valid('query');
    const connectorId = c.req.valid('param').id;
    const page = await listMappings(c.get('ctx'), { connectorId, limit, after: cursor.read(at) });
    const mappings = page.items.map(mappingEntry);
    const next = nextCursor(page, cursor, ({ sourceStream, sourceField }) => [sourceStream, sourceField]);
    return c.json({ mappings, count: mappings.length, ...next }, 200);
  });
}
