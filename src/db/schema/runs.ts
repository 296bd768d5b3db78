import { sql } from 'drizzle-orm';
import { bigint, index, integer, jsonb, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { RunProgress } from '../../domain/run-progress.ts';
import type { ReportStatus, RunStatus, RunTrigger } from '../../domain/run-state.ts';
import type { StatsByStream, TableStats } from '../../domain/stats.ts';
import { instant, jsonText } from './columns.ts';
import { connectors, etl } from './connectors.ts';

/** One row a run, from dispatch to its end. Written only under `where fence = $f` once claimed. */
export const runnerJobs = etl.table(
  'runner_jobs',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    /** Orders runs and marks the staged rows a run touched. Never a clock. */
    loadId: bigint('load_id', { mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    status: text('status').$type<RunStatus>().notNull().default('queued'),
    trigger: text('trigger').$type<RunTrigger>().notNull(),
    scheduledFor: instant('scheduled_for').notNull(),
    fence: integer('fence').notNull().default(0),
    /** Workers that took the run's present phase (tap, load) and did not give it back. */
    attempt: integer('attempt').notNull().default(0),
    leaseUntil: instant('lease_until'),
    workerId: text('worker_id'),
    cancelRequestedAt: instant('cancel_requested_at'),
    streamStats: jsonb('stream_stats').$type<StatsByStream>().notNull().default({}),
    /** Counts of the tables the load has written so far. */
    tableStats: jsonb('table_stats').$type<TableStats[]>().notNull().default([]),
    /** How far and how fast; null: nothing is known. */
    progress: jsonb('progress').$type<RunProgress>(),
    logTail: text('log_tail').notNull().default(''),
    /** Lines ever logged: the last line of the tail has this number. */
    logLines: integer('log_lines').notNull().default(0),
    /** What a person should look at though the run went on, one sentence each. */
    warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
    reportStatus: text('report_status').$type<ReportStatus>(),
    reportedState: jsonText('reported_state'),
    rowsWritten: bigint('rows_written', { mode: 'number' }),
    /** Tap wall clock, seconds, as reported. */
    durationS: integer('duration_s'),
    errorCode: text('error_code'),
    errorMsg: text('error_msg'),
    /** Id of the request that caused the run; the scheduler makes one for a run by the clock. */
    requestId: text('request_id'),
    /** W3C traceparent of what made the run; null: it is not traced. */
    traceparent: text('traceparent'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    startedAt: instant('started_at'),
    reportedAt: instant('reported_at'),
    finishedAt: instant('finished_at'),
    /** The log was deleted then, as old as it was. */
    logPrunedAt: instant('log_pruned_at'),
  },
  (t) => [
    uniqueIndex('runner_jobs_slot').on(t.connectorId, t.scheduledFor),
    uniqueIndex('runner_jobs_one_unfinished')
      .on(t.connectorId)
      .where(sql`status in ('queued', 'running', 'loading')`),
    index('runner_jobs_unfinished')
      .on(t.status, t.leaseUntil)
      .where(sql`status in ('queued', 'running', 'loading')`),
    index('runner_jobs_finished').on(t.finishedAt).where(sql`finished_at is not null`),
    index('runner_jobs_logged')
      .on(t.finishedAt)
      .where(sql`finished_at is not null and log_pruned_at is null`),
  ],
);

/** One row a finished run: the history the API shows. */
export const syncRuns = etl.table(
  'sync_runs',
  {
    /** The same id as the runner_jobs row. */
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    loadId: bigint('load_id', { mode: 'number' }).notNull(),
    status: text('status').$type<RunStatus>().notNull(),
    trigger: text('trigger').$type<RunTrigger>().notNull(),
    rowsSynced: bigint('rows_synced', { mode: 'number' }).notNull(),
    rowsLoaded: bigint('rows_loaded', { mode: 'number' }).notNull(),
    transformErrors: bigint('transform_errors', { mode: 'number' }).notNull(),
    tables: jsonb('tables').$type<TableStats[]>().notNull(),
    streamStats: jsonb('stream_stats').$type<StatsByStream>().notNull(),
    /** namespace.table of the connector when it ran. */
    icebergTable: text('iomete_table').notNull(),
    errorCode: text('error_code'),
    errorMsg: text('error_msg'),
    startedAt: instant('started_at').notNull(),
    completedAt: instant('completed_at').notNull(),
    durationS: integer('duration_s').notNull(),
  },
  (t) => [
    index('sync_runs_latest').on(t.connectorId, t.loadId),
    index('sync_runs_tenant').on(t.tenantId, t.completedAt),
  ],
);

/** Rows that a transform or a target type refused. `row` holds the staged row as it was read. */
export const rejectedRows = etl.table(
  'rejected_rows',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    runId: uuid('run_id').notNull(),
    stream: text('stream').notNull(),
    rowKey: text('row_key').notNull(),
    row: jsonText('row').notNull(),
    column: text('column_name').notNull(),
    expression: text('expression'),
    error: text('error').notNull(),
    /** The mark its staged row has: that of the run that rejected it, or of the last replay that tried it. */
    loadId: bigint('load_id', { mode: 'number' }),
    /** The unfinished run that replays it. */
    replayRunId: uuid('replay_run_id'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('rejected_rows_once').on(t.runId, t.stream, t.rowKey, t.column),
    index('rejected_rows_connector').on(t.connectorId, t.id),
    index('rejected_rows_replay').on(t.replayRunId, t.id).where(sql`replay_run_id is not null`),
  ],
);

/** What one run committed to one table: written before and after the lakehouse commit. */
export const loadBatches = etl.table(
  'load_batches',
  {
    /** uuidv5(run, table) */
    batchId: uuid('batch_id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    runId: uuid('run_id')
      .notNull()
      .references(() => runnerJobs.id, { onDelete: 'cascade' }),
    stream: text('stream').notNull(),
    /** namespace.table */
    table: text('table_name').notNull(),
    state: text('state').$type<'staged' | 'committed'>().notNull(),
    rowsRead: bigint('rows_read', { mode: 'number' }).notNull().default(0),
    rowsLoaded: bigint('rows_loaded', { mode: 'number' }).notNull().default(0),
    rowsRejected: bigint('rows_rejected', { mode: 'number' }).notNull().default(0),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('load_batches_run').on(t.runId),
    index('load_batches_committed').on(t.updatedAt).where(sql`state = 'committed'`),
  ],
);
