import { createRoute, z } from '@hono/zod-openapi';
import { isRefusedRowKey } from '../../../domain/refused-record.ts';
import { listRejectedRows } from '../../../services/rejected-rows/list.ts';
import {
  ConnectorParams,
  json,
  printable,
  problems,
  SECURITY,
  Timestamp,
  timestamp,
} from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';

const STANDARD_LIMIT = 50;

const RejectedRow = z
  .object({
    id: z.string(),
    run_id: z.string(),
    stream: z.string(),
    row_key: z.string(),
    stage: z.enum(['staging', 'load']).openapi({
      description:
        'Where it failed: on the way into staging, so that no replay can find it, or on the way from there into the lakehouse.',
    }),
    row: z.record(z.string(), z.string().nullable()).openapi({
      description: 'The staged row, as text; of one that was never staged, the fields of its record.',
    }),
    column: z.string().openapi({
      description:
        'The target column, or on the way into staging the field, at which it failed; "" for the row as a whole.',
    }),
    expression: z.string().nullable(),
    error: z.string(),
    created_at: Timestamp,
  })
  .openapi('RejectedRow');

const RejectedRowList = z
  .object({ rejected_rows: z.array(RejectedRow), count: z.int(), next_cursor: NextCursor })
  .openapi('RejectedRowList');

const StagedRow = z.record(z.string(), z.string().nullable());

const cursor = createCursor('rejected-rows', z.int().min(0));

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/rejected-rows',
  tags: ['Rejected rows'],
  summary: 'List rejected rows',
  description:
    'Rows that a transform or a type refused, latest first. They leave the list when a replay loads them. Of the records a run could not even stage, the first 1,000 are listed.',
  security: SECURITY,
  request: {
    params: ConnectorParams,
    query: z.object({
      run_id: z.uuid().optional(),
      stream: printable(255).optional(),
      limit: limitParam(STANDARD_LIMIT),
      cursor: cursorParam,
    }),
  },
  responses: { 200: json(RejectedRowList, 'The rows'), ...problems(404, 422) },
});

export function listRejectedRowsRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { run_id, stream, limit, cursor: at } = c.req.valid('query');
    const page = await listRejectedRows(c.get('ctx'), {
      connectorId: c.req.valid('param').id,
      runId: run_id,
      stream,
      limit,
      before: cursor.read(at),
    });
    const rows = page.items.map((row) => ({
      id: String(row.id),
      run_id: row.runId,
      stream: row.stream,
      row_key: row.rowKey,
      stage: isRefusedRowKey(row.rowKey) ? ('staging' as const) : ('load' as const),
      row: StagedRow.parse(JSON.parse(row.row)),
      column: row.column,
      expression: row.expression,
      error: row.error,
      created_at: timestamp(row.createdAt),
    }));
    const next = nextCursor(page, cursor, ({ id }) => id);
    return c.json({ rejected_rows: rows, count: rows.length, ...next }, 200);
  });
}
