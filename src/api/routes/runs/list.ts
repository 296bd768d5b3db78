import { createRoute, z } from '@hono/zod-openapi';
import { RUN_STATUSES } from '../../../domain/run-state.ts';
import { listRuns } from '../../../services/runs/list.ts';
import { ConnectorParams, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';

const STANDARD_LIMIT = 50;

const cursor = createCursor('runs', z.int().min(0));

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

const RunList = z.object({ runs: z.array(Run), count: z.int(), next_cursor: NextCursor }).openapi('RunList');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/runs',
  tags: ['Runs'],
  summary: 'Sync run history',
  description: 'Finished runs, latest first.',
  security: SECURITY,
  request: {
    params: ConnectorParams,
    query: z.object({ limit: limitParam(STANDARD_LIMIT), cursor: cursorParam }),
  },
  responses: { 200: json(RunList, 'The runs'), ...problems(404, 422) },
});

export function listRunsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { limit, cursor: at } = c.req.valid('query');
    const connectorId = c.req.valid('param').id;
    const page = await listRuns(c.get('ctx'), { connectorId, limit, before: cursor.read(at) });
    const runs = page.items.map((run) => ({
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
    const next = nextCursor(page, cursor, ({ loadId }) => loadId);
    return c.json({ runs, count: runs.length, ...next }, 200);
  });
}
