import { createRoute, z } from '@hono/zod-openapi';
import { listMappings } from '../../../services/mappings/list.ts';
import { ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { MappingEntry, mappingEntry } from './entry.ts';

const MappingList = z.object({ mappings: z.array(MappingEntry), count: z.int() }).openapi('MappingList');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/mappings',
  tags: ['Field mappings'],
  summary: 'List field mappings',
  description: 'All mappings of the connector, by source_stream, then source_field.',
  security: SECURITY,
  request: { params: ConnectorParams },
  responses: { 200: json(MappingList, 'The mappings'), ...problems(404) },
});

export function listMappingsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const found = await listMappings(c.get('ctx'), { connectorId: c.req.valid('param').id });
    const mappings = found.map(mappingEntry);
    return c.json({ mappings, count: mappings.length }, 200);
  });
}
