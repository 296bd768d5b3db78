import type { DbOrTx } from '../../db/client.ts';
import type { Connector } from '../../db/queries/connectors.ts';
import {
  type FieldMapping,
  findHolder,
  listFieldMappings,
  type MappingChange,
} from '../../db/queries/field-mappings.ts';
import { findLatestRequest } from '../../db/queries/mapping-jobs.ts';
import type { CanonicalSchemas } from '../../domain/canonical-schema.ts';
import { CUSTOM_SCHEMA, type FieldProfiles } from '../../domain/mapping.ts';
import { nearestNames } from '../../domain/nearest.ts';
import { AppError, ConflictError, InvalidError } from '../../errors.ts';
import { assertTypesAgree, mappingsBeside } from './shared-table.ts';
import { targetColumns } from './target-columns.ts';

/**
 * What giving a mapping another column changes.
 * Throws InvalidError `mapping.column_unknown`; ConflictError `mapping.column_taken`, `mapping.type_conflict`.
 */
export async function checkedColumn(
  db: DbOrTx,
  { connector, schemas }: { connector: Connector; schemas: CanonicalSchemas },
  mapping: FieldMapping,
  asked: string,
): Promise<Pick<MappingChange, 'targetColumn' | 'targetType' | 'isKey'>> {
  if (asked === mapping.targetColumn) return {};
  const known = await columnsOf(db, schemas, mapping);
  const profile = known && Object.hasOwn(known, asked) ? known[asked] : undefined;
  if (known && !profile) throw columnUnknown(mapping, asked, Object.keys(known));
  const holder = await findHolder(db, mapping, asked);
  if (holder) throw columnTaken(asked, holder);
  const targetType = profile ? (profile.type ?? 'string') : mapping.targetType;
  const all = await listFieldMappings(db, mapping.tenantId, mapping.connectorId);
  assertTypesAgree(
    [{ name: asked, type: targetType }],
    mappingsBeside(all, mapping, connector),
    () => 'target_column',
  );
  return { targetColumn: asked, ...(profile ? { targetType, isKey: profile.isKey ?? false } : {}) };
}

/** The columns of the mapping's table; null when nothing that is left says them. */
async function columnsOf(
  db: DbOrTx,
  schemas: CanonicalSchemas,
  mapping: FieldMapping,
): Promise<FieldProfiles | null> {
  const request = await findLatestRequest(db, mapping);
  try {
    return targetColumns(schemas, {
      targetSchema: schemas.has(mapping.targetSchema) ? mapping.targetSchema : CUSTOM_SCHEMA,
      targetTable: mapping.targetTable,
      ...(request?.targetSchemaDef ? { targetSchemaDef: request.targetSchemaDef } : {}),
    });
  } catch (error) {
    if (error instanceof AppError && error.code === 'mapping.target_unknown') return null;
    throw error;
  }
}

function columnTaken(asked: string, { sourceField }: FieldMapping): ConflictError {
  return new ConflictError(
    'mapping.column_taken',
    `Column "${asked}" already takes "${sourceField}" of this stream. Map that field elsewhere first.`,
    { errors: [{ field: 'target_column', message: `is taken by "${sourceField}"` }] },
  );
}

function columnUnknown({ targetTable }: FieldMapping, asked: string, known: readonly string[]): InvalidError {
  const near = nearestNames(asked, known);
  const hint =
    near.length > 0 ? `Did you mean ${near.join(', ')}?` : `It has: ${known.slice(0, 20).join(', ')}.`;
  return new InvalidError(
    'mapping.column_unknown',
    `Table "${targetTable}" has no column "${asked}". ${hint}`,
    { errors: [{ field: 'target_column', message: hint }] },
  );
}
