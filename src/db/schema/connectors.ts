import { sql } from 'drizzle-orm';
import { bigint, index, integer, pgSchema, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { ConnectorStatus, ConnectorType, LoadMode } from '../../domain/connector-state.ts';
import type { NextTrigger } from '../../domain/run-state.ts';
import { instant, jsonText } from './columns.ts';

export const etl = pgSchema('etl');

/** One registered source of one tenant. Named as in the public documents; not only Meltano's. */
export const connectors = etl.table(
  'meltano_connectors',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    sourceSystem: text('source_system').notNull(),
    tapName: text('tap_name').notNull(),
    tapVersion: text('tap_version'),
    connectorType: text('connector_type').$type<ConnectorType>().notNull(),
    meltanoEnvironment: text('meltano_environment').notNull(),
    destinationCatalog: text('destination_catalog').notNull(),
    namespace: text('iomete_namespace').notNull(),
    destinationTable: text('iomete_table').notNull(),
    stagingSchema: text('staging_schema').notNull(),
    syncSchedule: text('sync_schedule').notNull(),
    timezone: text('timezone').notNull().default('UTC'),
    loadMode: text('load_mode').$type<LoadMode>().notNull().default('upsert'),
    configEncrypted: text('config_encrypted'),
    /** Sealed under the master key; opened only to check a webhook's signature. */
    webhookSecretSealed: text('webhook_secret').notNull(),
    status: text('status').$type<ConnectorStatus>().notNull().default('active'),
    consecutiveFailures: integer('consecutive_failures').notNull().default(0),
    nextRunAt: instant('next_run_at'),
    /** What the next dispatched run is for: null means the schedule. */
    nextTrigger: text('next_trigger').$type<NextTrigger>(),
    /** Of the request that made the connector due, for the run it causes; only read while `next_trigger` is that request's. */
    triggerRequestId: text('trigger_request_id'),
    triggerTraceparent: text('trigger_traceparent'),
    /** When the last ended sync that the source told of by itself had ended, by the source's clock. */
    lastNudgeAt: instant('last_nudge_at'),
    tapState: jsonText('tap_state'),
    stateVersion: integer('state_version').notNull().default(0),
    rowsTotal: bigint('rows_total', { mode: 'number' }).notNull().default(0),
    lastSyncedAt: instant('last_synced_at'),
    lastError: text('last_error'),
    version: integer('version').notNull().default(1),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('connectors_tenant').on(t.tenantId, t.createdAt, t.id),
    index('connectors_due').on(t.nextRunAt).where(sql`status = 'active' and next_run_at is not null`),
    index('connectors_stopped').on(t.status).where(sql`status <> 'active'`),
    uniqueIndex('connectors_staging_schema').on(t.stagingSchema),
  ],
);

/** The last states of a connector, newest first by version. */
export const stateHistory = etl.table(
  'state_history',
  {
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    tenantId: text('tenant_id').notNull(),
    version: integer('version').notNull(),
    state: jsonText('state'),
    runId: uuid('run_id'),
    actor: text('actor').notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('state_history_version').on(t.connectorId, t.version)],
);
