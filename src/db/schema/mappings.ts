import { sql } from 'drizzle-orm';
import { boolean, doublePrecision, index, jsonb, text, uniqueIndex, uuid } from 'drizzle-orm/pg-core';
import type { MappingRequest, MappingResult } from '../../domain/mapping.ts';
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
    createdAt: instant('created_at').notNull().default(sql`now()`),
    updatedAt: instant('updated_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('field_mappings_source').on(t.connectorId, t.sourceStream, t.sourceField)],
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
    request: jsonb('request').$type<MappingRequest>().notNull(),
    status: text('status').$type<'queued' | 'done' | 'failed'>().notNull().default('queued'),
    result: jsonb('result').$type<MappingResult>(),
    /** Class of the error, so that it is answered as what it is. */
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorCode: text('error_code'),
    errorMsg: text('error_msg'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
    finishedAt: instant('finished_at'),
  },
  (t) => [index('mapping_jobs_queued').on(t.createdAt).where(sql`status = 'queued'`)],
);
