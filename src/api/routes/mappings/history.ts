import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { MAPPING_ACTIONS } from '../../../domain/mapping.ts';
import { listMappingHistory, type MappingHistoryInput } from '../../../services/mappings/history.ts';
import { ConnectorParams, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api, ApiEnv } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';
import { MappingParams } from './entry.ts';

const STANDARD_LIMIT = 50;

const Values = z
  .record(z.string(), z.unknown())
  .nullable()
  .openapi({ description: 'Only what differs; null: there was, or is, no mapping.' });

const MappingChange = z
  .object({
    mapping_id: z.string(),
    source_stream: z.string(),
    source_field: z.string(),
    action: z.enum(MAPPING_ACTIONS),
    actor: z.string().openapi({ example: 'user:acme' }),
    from: Values,
    to: Values,
    created_at: Timestamp,
  })
  .openapi('MappingChange');

const MappingHistory = z
  .object({ history: z.array(MappingChange), count: z.int(), next_cursor: NextCursor })
  .openapi('MappingHistory');

const cursor = createCursor('mapping-history', z.int().min(1));

const query = z.object({ limit: limitParam(STANDARD_LIMIT), cursor: cursorParam });
const responses = { 200: json(MappingHistory, 'The changes'), ...problems(404, 422) };

const ofAll = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/mappings/history',
  tags: ['Field mappings'],
  summary: 'List changes of field mappings',
  description: 'Newest first; changes of mappings that are deleted stay.',
  security: SECURITY,
  request: { params: ConnectorParams, query },
  responses,
});

const ofOne = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/mappings/{mapping_id}/history',
  tags: ['Field mappings'],
  summary: 'List changes of a field mapping',
  description: 'Newest first, also of a mapping that is deleted.',
  security: SECURITY,
  request: { params: MappingParams, query },
  responses,
});

export function mappingHistoryRoutes(app: Api): void {
  app.openapi(ofAll, async (c) => {
    const { id } = c.req.valid('param');
    return c.json(await history(c, { connectorId: id, mappingId: null }, c.req.valid('query')), 200);
  });
  app.openapi(ofOne, async (c) => {
    const { id, mapping_id } = c.req.valid('param');
    return c.json(await history(c, { connectorId: id, mappingId: mapping_id }, c.req.valid('query')), 200);
  });
}

async function history(
  c: Context<ApiEnv>,
  of: Pick<MappingHistoryInput, 'connectorId' | 'mappingId'>,
  { limit, cursor: at }: z.infer<typeof query>,
): Promise<z.infer<typeof MappingHistory>> {
  const page = await listMappingHistory(c.get('ctx'), { ...of, limit, before: cursor.read(at) });
  const changes = page.items.map((change) => ({
    mapping_id: change.mappingId,
    source_stream: change.sourceStream,
    source_field: change.sourceField,
    action: change.action,
    actor: change.actor,
    from: valuesIn(change.detail['from']),
    to: valuesIn(change.detail['to']),
    created_at: timestamp(change.createdAt),
  }));
  return { history: changes, count: changes.length, ...nextCursor(page, cursor, ({ id }) => id) };
}

function valuesIn(side: unknown): Record<string, unknown> | null {
  return typeof side === 'object' && side !== null ? { ...side } : null;
}
