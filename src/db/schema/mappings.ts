import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  doublePrecision,
  index,
  json,
  jsonb,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type {
  MappingAction,
  MappingDrift,
  MappingRequest,
  MappingResult,
  TransformExample,
} from '../../domain/mapping.ts';
import type { SchemaOrigin } from '../../domain/source-drift.ts';
import type { ErrorKind } from '../../errors.ts';
import { instant } from './columns.ts';
import { connectors, etl } from './connectors.ts';

export const fieldMappings = etl.table(
  'field_mappings',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    sourceStream: text('source_stream').notNull(),
    sourceField: text('source_field').notNull(),
    sourceType: text('source_type').notNull(),
    targetSchema: text('target_schema').notNull(),
    targetTable: text('target_table').notNull(),
    targetColumn: text('target_column').notNull(),
    targetType: text('target_type').notNull(),
    transformFn: text('transform_fn'),
    isKey: boolean('is_key').notNull().default(false),
    llmMapped: boolean('llm_mapped').notNull(),
    confidenceScore: doublePrecision('confidence_score').notNull(),
    reviewed: boolean('reviewed').notNull().default(false),
    reason: text('reason'),
    alternatives: jsonb('alternatives').$type<{ column: string; score: number }[]>().notNull().default([]),
    /** What the transform makes of values seen; json, not jsonb: a value may hold \u0000. */
    examples: json('examples').$type<TransformExample[]>().notNull().default([]),
    /** What a load will lose or refuse, one sentence each. */
    warnings: jsonb('warnings').$type<string[]>().notNull().default([]),
    /** How the source has changed under this mapping; null: not at all. Cleared by a review. */
    drift: jsonb('drift').$type<MappingDrift>(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('field_mappings_source').on(t.connectorId, t.sourceStream, t.sourceField)],
);

/** Every change of a mapping: what, by whom, when. Outlives the mapping, not the connector. */
export const mappingChanges = etl.table(
  'mapping_changes',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    mappingId: uuid('mapping_id').notNull(),
    sourceStream: text('source_stream').notNull(),
    sourceField: text('source_field').notNull(),
    action: text('action').$type<MappingAction>().notNull(),
    actor: text('actor').notNull(),
    /** Only what differs: {"from": {...}, "to": {...}}. */
    detail: json('detail').$type<Record<string, unknown>>().notNull().default({}),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('mapping_changes_connector').on(t.connectorId, t.id),
    index('mapping_changes_mapping').on(t.mappingId, t.id),
  ],
);

/**
 * What reviewers decided for connectors that are deleted since: a tenant's decisions outlive the connector they were made for. Those of
 * connectors that are there are their reviewed mappings.
 */
export const keptDecisions = etl.table(
  'kept_decisions',
  {
    tenantId: text('tenant_id').notNull(),
    sourceSystem: text('source_system').notNull(),
    sourceStream: text('source_stream').notNull(),
    sourceField: text('source_field').notNull(),
    targetSchema: text('target_schema').notNull(),
    targetTable: text('target_table').notNull(),
    targetColumn: text('target_column').notNull(),
    transformFn: text('transform_fn'),
    decidedAt: instant('decided_at').notNull(),
  },
  (t) => [index('kept_decisions_source').on(t.tenantId, t.sourceSystem, t.decidedAt)],
);

/** The fields of a stream as its source last told them: what it tells later is compared with it. */
export const sourceSchemas = etl.table(
  'source_schemas',
  {
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    stream: text('stream').notNull(),
    /** A discovery and a run may describe one stream in different words: like is compared with like. */
    origin: text('origin').$type<SchemaOrigin>().notNull().default('discover'),
    /** field -> type, in the source's order */
    fields: json('fields').$type<Record<string, string>>().notNull(),
    seenAt: instant('seen_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('source_schemas_told').on(t.connectorId, t.stream, t.origin)],
);

/** One request for proposals, answered by the mapping pool. */
export const mappingJobs = etl.table(
  'mapping_jobs',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    connectorId: uuid('connector_id')
      .notNull()
      .references(() => connectors.id, { onDelete: 'cascade' }),
    /** json, not jsonb: the order of the fields is the caller's. */
    request: json('request').$type<MappingRequest>().notNull(),
    /** Who asked: its changes are theirs. */
    actor: text('actor').notNull().default('worker:mapping'),
    status: text('status').$type<'queued' | 'done' | 'failed'>().notNull().default('queued'),
    result: jsonb('result').$type<MappingResult>(),
    /** Class of the error, so that it is answered as what it is. */
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorCode: text('error_code'),
    errorMsg: text('error_msg'),
    /** Of the request that asked. */
    requestId: text('request_id'),
    traceparent: text('traceparent'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    finishedAt: instant('finished_at'),
  },
  (t) => [
    index('mapping_jobs_queued').on(t.createdAt).where(sql`status = 'queued'`),
    index('mapping_jobs_connector').on(t.connectorId, t.createdAt),
    index('mapping_jobs_finished').on(t.finishedAt).where(sql`finished_at is not null`),
  ],
);
