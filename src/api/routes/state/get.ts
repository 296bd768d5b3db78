import { createRoute } from '@hono/zod-openapi';
import { getState } from '../../../services/state/get.ts';
import { ConnectorParams, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { etagOf } from '../../if-match.ts';
import { State, stateEntry } from './entry.ts';

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/state',
  tags: ['State'],
  summary: 'Get the state',
  description: 'The bookmark the next run starts from; null: from the start. Its `version` is also the ETag.',
  security: SECURITY,
  request: { params: ConnectorParams },
  responses: { 200: json(State, 'The state'), ...problems(404) },
});

export function getStateRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const saved = await getState(c.get('ctx'), { connectorId: c.req.valid('param').id });
    c.header('ETag', etagOf(saved.version));
    return c.json(stateEntry(saved), 200);
  });
}
