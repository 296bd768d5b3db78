import { createRoute, z } from '@hono/zod-openapi';
import { listMappings } from '../../../services/mappings/list.ts';
import { ConnectorParams, json, printable, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, NextCursor, nextCursor, optionalLimit } from '../../page.ts';
import { MappingEntry, mappingEntry } from './entry.ts';

const MappingList = z
  .object({ mappings: z.array(MappingEntry), count: z.int(), next_cursor: NextCursor })
  .openapi('MappingList');

const keepable = z.string().refine((text) => !text.includes('\0') && text.isWellFormed());
const cursor = createCursor('mappings', z.tuple([keepable, keepable]));

const flag = z
  .enum(['true', 'false'])
  .transform((text) => text === 'true')
  .optional()
  .openapi({ type: 'boolean' });

const name = printable(255).optional();

const query = z.object({
  limit: optionalLimit,
  cursor: cursorParam,
  source_stream: name,
  target_table: name,
  reviewed: flag,
  needs_review: flag,
});

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/mappings',
  tags: ['Field mappings'],
  summary: 'List field mappings',
  description:
    'All mappings of the connector, by source_stream, then source_field; with `limit`, page by page. `needs_review`: uncertain and not reviewed, or the source has changed under it.',
  security: SECURITY,
  request: { params: ConnectorParams, query },
  responses: { 200: json(MappingList, 'The mappings'), ...problems(404, 422) },
});

export function listMappingsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const asked = c.req.valid('query');
    const page = await listMappings(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      limit: asked.limit ?? null,
      after: cursor.read(asked.cursor),
      filter: {
        sourceStream: asked.source_stream,
        targetTable: asked.target_table,
        reviewed: asked.reviewed,
        needsReview: asked.needs_review,
      },
    });
    const mappings = page.items.map(mappingEntry);
    const next = nextCursor(page, cursor, ({ sourceStream, sourceField }) => [sourceStream, sourceField]);
    return c.json({ mappings, count: mappings.length, ...next }, 200);
  });
}
