import { z } from '@hono/zod-openapi';
import type { updateMapping } from '../../../services/mappings/update.ts';
import { ConnectorParams, Timestamp, timestamp } from '../../contract.ts';

type FieldMapping = Awaited<ReturnType<typeof updateMapping>>;

export const MappingEntry = z
  .object({
    id: z.string(),
    source_stream: z.string(),
    source_field: z.string(),
    target_schema: z.string(),
    target_table: z.string(),
    target_column: z.string(),
    transform_fn: z.string().nullable(),
    llm_mapped: z.boolean(),
    confidence_score: z.number(),
    reviewed: z.boolean(),
    created_at: Timestamp,
    is_key: z.boolean(),
    reason: z.string().nullable(),
    alternatives: z.array(z.object({ column: z.string(), score: z.number() })),
    examples: z.array(
      z.object({ input: z.string(), output: z.string().nullable(), error: z.string().optional() }),
    ),
    warnings: z.array(z.string()),
    drift: z
      .object({
        kind: z.enum(['field_removed', 'type_changed']),
        since: z.string(),
        by: z.enum(['discover', 'run']).optional(),
        from: z.string().optional(),
        to: z.string().optional(),
      })
      .nullable(),
  })
  .openapi('FieldMapping');

export const MappingParams = ConnectorParams.extend({
  mapping_id: z.string().openapi({ param: { name: 'mapping_id', in: 'path' } }),
});

export function mappingEntry(mapping: FieldMapping): z.infer<typeof MappingEntry> {
  return {
    id: mapping.id,
    source_stream: mapping.sourceStream,
    source_field: mapping.sourceField,
    target_schema: mapping.targetSchema,
    target_table: mapping.targetTable,
    target_column: mapping.targetColumn,
    transform_fn: mapping.transformFn,
    llm_mapped: mapping.llmMapped,
    confidence_score: mapping.confidenceScore,
    reviewed: mapping.reviewed,
    created_at: timestamp(mapping.createdAt),
    is_key: mapping.isKey,
    reason: mapping.reason,
    alternatives: mapping.alternatives,
    examples: mapping.examples,
    warnings: mapping.warnings,
    drift: mapping.drift,
  };
}
