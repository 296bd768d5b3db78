import { createRoute, z } from '@hono/zod-openapi';
import { REPORT_STATUSES, RUN_STATUSES, RUN_TRIGGERS } from '../../../domain/run-state.ts';
import { getRun, type RunDetail } from '../../../services/runs/get.ts';
import { json, problems, SECURITY, Timestamp, timestamp, timestampOrNull } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { StreamCounts, TableCounts, tableCounts } from './counts.ts';
import { RunParams } from './params.ts';
import { Progress, progressOrNull } from './progress.ts';

const RunReport = z.object({
  status: z.enum(REPORT_STATUSES),
  rows_written: z.int(),
  duration_s: z.int().nullable(),
  reported_at: Timestamp.nullable(),
});

const RunDetailSchema = z
  .object({
    id: z.string(),
    connector_id: z.string(),
    status: z.enum(RUN_STATUSES),
    trigger: z.enum(RUN_TRIGGERS),
    attempt: z.int().openapi({ description: 'Workers that have taken it, counted anew for the load.' }),
    cancel_requested: z.boolean(),
    rows_synced: z.int().openapi({ description: 'So far, while the run is unfinished; so are all counts.' }),
    rows_loaded: z.int(),
    transform_errors: z.int(),
    iomete_table: z.string(),
    stream_stats: StreamCounts,
    tables: z.array(TableCounts),
    progress: Progress.nullable().openapi({ description: 'How far and how fast; null: nothing is known.' }),
    warnings: z.array(z.string()).openapi({
      description: 'What a person should look at though the run went on, as a source that has changed.',
    }),
    report: RunReport.nullable().openapi({ description: 'What the runner said of the tap.' }),
    error_code: z.string().nullable(),
    error_msg: z.string().nullable(),
    scheduled_for: Timestamp,
    created_at: Timestamp,
    started_at: Timestamp.nullable(),
    completed_at: Timestamp.nullable(),
    duration_s: z.int().nullable(),
  })
  .openapi('RunDetail');

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/runs/{run_id}',
  tags: ['Runs'],
  summary: 'Get a run',
  description: 'A run, unfinished or not, with its counts so far.',
  security: SECURITY,
  request: { params: RunParams },
  responses: { 200: json(RunDetailSchema, 'The run'), ...problems(404) },
});

export function getRunRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { id, run_id } = c.req.valid('param');
    return c.json(runDetail(await getRun(c.get('ctx'), { connectorId: id, runId: run_id })), 200);
  });
}

function runDetail(detail: RunDetail): z.infer<typeof RunDetailSchema> {
  const { run, history } = detail;
  return {
    id: run.id,
    connector_id: run.connectorId,
    status: run.status,
    trigger: run.trigger,
    attempt: run.attempt,
    cancel_requested: run.cancelRequestedAt !== null,
    ...rowCounts(detail),
    stream_stats: run.streamStats,
    progress: progressOrNull(run),
    warnings: run.warnings,
    report: reportOf(run),
    error_code: run.errorCode,
    error_msg: run.errorMsg,
    scheduled_for: timestamp(run.scheduledFor),
    created_at: timestamp(run.createdAt),
    started_at: timestampOrNull(run.startedAt),
    completed_at: timestampOrNull(run.finishedAt),
    duration_s: history?.durationS ?? null,
  };
}

/** Of an ended run what its history says, else what its workers have kept so far. */
function rowCounts({ connector, run, history }: RunDetail) {
  const tables = history?.tables ?? run.tableStats;
  const staged = Object.values(run.streamStats).reduce((sum, { rows }) => sum + rows, 0);
  const sumOf = (count: 'loaded' | 'rejected') => tables.reduce((sum, table) => sum + table[count], 0);
  return {
    rows_synced: history?.rowsSynced ?? run.rowsWritten ?? staged,
    rows_loaded: history?.rowsLoaded ?? sumOf('loaded'),
    transform_errors: history?.transformErrors ?? sumOf('rejected'),
    iomete_table: history?.icebergTable ?? `${connector.namespace}.${connector.destinationTable}`,
    tables: tableCounts(tables),
  };
}

function reportOf({ reportStatus, rowsWritten, durationS, reportedAt }: RunDetail['run']) {
  if (reportStatus === null) return null;
  return {
    status: reportStatus,
    rows_written: rowsWritten ?? 0,
    duration_s: durationS,
    reported_at: timestampOrNull(reportedAt),
  };
}
