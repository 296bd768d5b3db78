import type { MappingRow } from '../../../src/db/queries/load-mappings.ts';
import type { StagedTable } from '../../../src/db/queries/staging.ts';

let mappings = 0;

/** A mapping that applies; each is younger than the one before. */
export function mapping(changes: Partial<MappingRow>): MappingRow {
  mappings += 1;
  const createdAt = new Date(mappings * 1_000);
  return {
    id: `00000000-0000-4000-8000-${String(mappings).padStart(12, '0')}`,
    tenantId: 'acme',
    connectorId: 'c',
    sourceStream: 'Opportunity',
    sourceField: 'Id',
    sourceType: 'string',
    targetSchema: 'dm',
    targetTable: 'deals',
    targetColumn: 'external_id',
    targetType: 'string',
    transformFn: null,
    isKey: false,
    llmMapped: true,
    confidenceScore: 1,
    reviewed: false,
    reason: null,
    alternatives: [],
    examples: [],
    warnings: [],
    drift: null,
    createdAt,
    updatedAt: createdAt,
    ...changes,
  };
}

export function stagedTable(table: string, changes: Partial<StagedTable> = {}): StagedTable {
  return {
    schema: 'etl_staging_x',
    table,
    stream: table,
    columns: [
      { name: 'Id', type: 'text' },
      { name: 'Name', type: 'text' },
      { name: 'tags', type: 'text[]' },
      { name: '_sdc_deleted_at', type: 'timestamp without time zone' },
      { name: '_ivory_load_id', type: 'bigint' },
    ],
    primaryKey: ['Id'],
    adopted: false,
    ...changes,
  };
}
