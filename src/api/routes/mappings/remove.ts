import { createRoute } from '@hono/zod-openapi';
import { removeMapping } from '../../../services/mappings/remove.ts';
import { problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { MappingParams } from './entry.ts';

const contract = createRoute({
  method: 'delete',
  path: '/v1/admin/connectors/{id}/mappings/{mapping_id}',
  tags: ['Field mappings'],
  summary: 'Delete a field mapping',
  description: 'From the next load on the field is not loaded; what is loaded stays.',
  security: SECURITY,
  request: { params: MappingParams },
  responses: { 204: { description: 'Deleted' }, ...problems(404) },
});

export function removeMappingRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id, mapping_id } = c.req.valid('param');
    await removeMapping(c.get('ctx'), { connectorId: id, mappingId: mapping_id });
    return c.body(null, 204);
  });
}
