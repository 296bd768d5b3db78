import { createRoute, z } from '@hono/zod-openapi';
import { updateMapping } from '../../../services/mappings/update.ts';
import { body, json, printable, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { MappingEntry, MappingParams, mappingEntry } from './entry.ts';

const MAX_EXPRESSION_CHARACTERS = 4_096;

const UpdateMapping = z
  .strictObject({
    reviewed: z.boolean().optional(),
    target_column: printable(255).optional(),
    transform_fn: z.string().max(MAX_EXPRESSION_CHARACTERS).nullable().optional().openapi({
      description: 'Python expression over v; null takes the value as it is.',
      example: 'round(float(v) / 100, 2) if v else 0.0',
    }),
  })
  .openapi('UpdateMapping');

const contract = createRoute({
  method: 'put',
  path: '/v1/admin/connectors/{id}/mappings/{mapping_id}',
  tags: ['Field mappings'],
  summary: 'Update a field mapping',
  description: 'Approves a mapping, corrects its column, or edits its transform.',
  security: SECURITY,
  request: { params: MappingParams, body: body(UpdateMapping) },
  responses: { 200: json(MappingEntry, 'The updated mapping'), ...problems(400, 404, 409, 413, 415, 422) },
});

export function updateMappingRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id, mapping_id } = c.req.valid('param');
    const { reviewed, target_column, transform_fn } = c.req.valid('json');
    const updated = await updateMapping(c.get('ctx'), {
      connectorId: id,
      mappingId: mapping_id,
      patch: {
        ...(reviewed === undefined ? {} : { reviewed }),
        ...(target_column === undefined ? {} : { targetColumn: target_column }),
        ...(transform_fn === undefined ? {} : { transformFn: transform_fn }),
      },
    });
    return c.json(mappingEntry(updated), 200);
  });
}
