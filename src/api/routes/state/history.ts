import { createRoute, z } from '@hono/zod-openapi';
import { listStateHistory } from '../../../services/state/get.ts';
import { ConnectorParams, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';
import { StateValue, stateValue } from './entry.ts';

const STANDARD_LIMIT = 20;

const StateVersion = z
  .object({
    version: z.int(),
    state: StateValue,
    run_id: z
      .string()
      .nullable()
      .openapi({ description: 'The run that reported it; null: a person set it.' }),
    actor: z.string(),
    created_at: Timestamp,
  })
  .openapi('StateVersion');

const StateHistory = z
  .object({ history: z.array(StateVersion), count: z.int(), next_cursor: NextCursor })
  .openapi('StateHistory');

const cursor = createCursor('state-history', z.int().min(0).max(2_147_483_647));

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/state/history',
  tags: ['State'],
  summary: 'List earlier states',
  description: 'The last 20 states, newest first; the first is the current one.',
  security: SECURITY,
  request: {
    params: ConnectorParams,
    query: z.object({ limit: limitParam(STANDARD_LIMIT), cursor: cursorParam }),
  },
  responses: { 200: json(StateHistory, 'The states'), ...problems(404, 422) },
});

export function stateHistoryRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { limit, cursor: at } = c.req.valid('query');
    const connectorId = c.req.valid('param').id;
    const page = await listStateHistory(c.get('ctx'), { connectorId, limit, before: cursor.read(at) });
    const history = page.items.map(({ version, state, runId, actor, createdAt }) => ({
      version,
      state: stateValue(state),
      run_id: runId,
      actor,
      created_at: timestamp(createdAt),
    }));
    const next = nextCursor(page, cursor, ({ version }) => version);
    return c.json({ history, count: history.length, ...next }, 200);
  });
}
