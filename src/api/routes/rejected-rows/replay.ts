import { createRoute, z } from '@hono/zod-openapi';
import { replayRejectedRows } from '../../../services/rejected-rows/replay.ts';
import {
  body,
  ConnectorParams,
  IdempotencyHeader,
  json,
  printable,
  problems,
  SECURITY,
} from '../../contract.ts';
import type { Api } from '../../env.ts';

const MAX_IDS = 1_000;

const Replay = z
  .strictObject({
    run_id: z.uuid().optional(),
    stream: printable(255).optional(),
    ids: z
      .array(z.string().regex(/^[1-9]\d{0,14}$/, 'must be the id of a rejected row'))
      .min(1)
      .max(MAX_IDS)
      .optional(),
  })
  .openapi('ReplayRejectedRows', { description: 'What to replay; {} is everything on the list.' });

const Replaying = z
  .object({ run_id: z.string(), status: z.literal('loading'), rows: z.int() })
  .openapi('ReplayStarted');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/rejected-rows/replay',
  tags: ['Rejected rows'],
  summary: 'Replay rejected rows',
  description:
    'Loads them again with the mappings as they are now, as a run of its own without a tap. What fails again is on the list with its new error, under the new run. Refused while a run is unfinished.',
  security: SECURITY,
  request: { params: ConnectorParams, headers: IdempotencyHeader, body: body(Replay) },
  responses: { 202: json(Replaying, 'The run that loads them'), ...problems(400, 404, 409, 413, 415, 422) },
});

export function replayRejectedRowsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { run_id, stream, ids } = c.req.valid('json');
    const { runId, rows } = await replayRejectedRows(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      runId: run_id,
      stream,
      ids: ids?.map(Number),
    });
    return c.json({ run_id: runId, status: 'loading' as const, rows }, 202);
  });
}
