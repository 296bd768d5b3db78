import { createRoute, z } from '@hono/zod-openapi';
import { rollbackState } from '../../../services/state/rollback.ts';
import { body, ConnectorParams, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { etagOf } from '../../if-match.ts';
import { State, stateEntry } from './entry.ts';

const Rollback = z
  .strictObject({ version: z.int().min(0).max(2_147_483_647).openapi({ example: 3 }) })
  .openapi('RollbackState');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/state/rollback',
  tags: ['State'],
  summary: 'Go back to an earlier state',
  description:
    'The earlier state becomes a new version, so a rollback can be rolled back. Refused while a run is unfinished.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader, body: body(Rollback) },
  responses: { 200: json(State, 'The state as it is now'), ...problems(400, 404, 409, 413, 415, 422) },
});

export function rollbackStateRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { version } = c.req.valid('json');
    const connectorId = c.req.valid('param').id;
    const saved = await rollbackState(c.get('ctx'), { connectorId, version });
    c.header('ETag', etagOf(saved.version));
    return c.json(stateEntry(saved), 200);
  });
}
