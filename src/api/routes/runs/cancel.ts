import { createRoute, z } from '@hono/zod-openapi';
import { cancelRun } from '../../../services/runs/cancel.ts';
import { IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { RunParams } from './params.ts';

const Cancelled = z
  .object({
    run_id: z.string(),
    status: z.enum(['cancelled', 'cancelling']).openapi({
      description: '`cancelling`: a worker holds it and stops within seconds.',
    }),
  })
  .openapi('RunCancelled');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/connectors/{id}/runs/{run_id}/cancel',
  tags: ['Runs'],
  summary: 'Cancel a run',
  description: 'For good: it is not tried again, and does not count as a failure. A finished run is 409.',
  security: SECURITY,
  request: { params: RunParams, headers: IdempotencyHeader },
  responses: { 202: json(Cancelled, 'Cancelled, or about to be'), ...problems(404, 409, 422) },
});

export function cancelRunRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id, run_id } = c.req.valid('param');
    const { runId, status } = await cancelRun(c.get('ctx'), { connectorId: id, runId: run_id });
    return c.json({ run_id: runId, status }, 202);
  });
}
