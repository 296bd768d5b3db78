import { createRoute, z } from '@hono/zod-openapi';
import { RUN_STATUSES } from '../../../domain/run-state.ts';
import { listRuns } from '../../../services/runs/list.ts';
import { ConnectorParams, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';

const DEFAULT_LIMIT = '50';
const MAX_LIMIT = 200;

const Run = z
  .object({
    id: z.string(),
    status: z.enum(RUN_STATUSES),
    rows_synced: z.int(),
    rows_loaded: z.int(),
    transform_errors: z.int(),
    iomete_table: z.string(),
    started_at: Timestamp,
    completed_at: Timestamp,
    duration_s: z.int(),
    error_msg: z.string().nullable(),
  })
  .openapi('Run');

const RunList = z.object({ runs: z.array(Run), count: z.int() }).openapi('RunList');

const limit = z
  .string()
  .regex(/^\d{1,4}$/, `must be a whole number from 1 to ${MAX_LIMIT}`)
  .default(DEFAULT_LIMIT)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_LIMIT))
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: Number(DEFAULT_LIMIT) });

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/runs',
  tags: ['Runs'],
  summary: 'Sync run history',
  description: 'Finished runs, latest first.',
  security: SECURITY,
  request: { params: ConnectorParams, query: z.object({ limit }) },
  responses: { 200: json(RunList, 'The runs'), ...problems(404, 422) },
});

export function listRunsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const connectorId = c.req.valid('param').id;
    const found = await listRuns(c.get('ctx'), { connectorId, limit: c.req.valid('query').limit });
    const runs = found.map((run) => ({
      id: run.id,
      status: run.status,
      rows_synced: run.rowsSynced,
      rows_loaded: run.rowsLoaded,
      transform_errors: run.transformErrors,
      iomete_table: run.icebergTable,
      started_at: timestamp(run.startedAt),
      completed_at: timestamp(run.completedAt),
      duration_s: run.durationS,
      error_msg: run.errorMsg,
    }));
    return c.json({ runs, count: runs.length }, 200);
  });
}
