import { sql } from 'drizzle-orm';
import { index, integer, json, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { TaskKind, TaskResult, TaskStatus } from '../../domain/connector-task.ts';
import { instant } from './columns.ts';
import { connectors, etl } from './connectors.ts';

/** One request to ask a connector's source something, answered by the runner pool. `attempt` is its fence: who claimed it last says it. */
export const connectorTasks = etl.table(
  'connector_tasks',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<TaskKind>().notNull(),
    status: text('status').$type<TaskStatus>().notNull().default('queued'),
    attempt: integer('attempt').notNull().default(0),
    leaseUntil: instant('lease_until'),
    workerId: text('worker_id'),
    /** json, not jsonb: a source's names may hold \u0000. */
    result: json('result').$type<TaskResult>(),
    errorCode: text('error_code'),
    errorMsg: text('error_msg'),
    /** Of the request that asked. */
    requestId: text('request_id'),
    traceparent: text('traceparent'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    uniqueIndex('connector_tasks_one_unfinished')
      .on(t.connectorId, t.kind)
      .where(sql`status in ('queued', 'running')`),
    index('connector_tasks_unfinished').on(t.createdAt).where(sql`status in ('queued', 'running')`),
    index('connector_tasks_connector').on(t.connectorId, t.createdAt),
    index('connector_tasks_finished').on(t.finishedAt).where(sql`finished_at is not null`),
  ],
);
