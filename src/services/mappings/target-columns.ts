import {
  CANONICAL_SCHEMAS,
  type CanonicalSchemaName,
  type FieldProfiles,
  type MappingRequest,
  type TargetSchema,
} from '../../domain/mapping.ts';
import { InvalidError } from '../../errors.ts';
import { profilesOf } from '../../matching/canonical.ts';
import { readCanonicalSchema } from './canonical-schemas.ts';

type Target = Pick<MappingRequest, 'targetSchema' | 'targetTable' | 'targetSchemaDef'>;

/**
 * The columns a request maps to: its own definition, else the canonical table.
 * Throws InvalidError `mapping.target_unknown` naming the tables there are, or `mapping.target_empty`.
 */
export function targetColumns({ targetSchema, targetTable, targetSchemaDef }: Target): FieldProfiles {
  if (targetSchemaDef) return ownColumns(targetSchemaDef);
  if (!isCanonical(targetSchema)) {
    throw new InvalidError(
      'mapping.target_unknown',
      `target_schema "${targetSchema}" needs target_schema_def: the columns of "${targetTable}" with their types.`,
      { errors: [{ field: 'target_schema_def', message: 'is needed for a custom target' }] },
    );
  }
  const { tables } = readCanonicalSchema(targetSchema);
  const table = Object.hasOwn(tables, targetTable) ? tables[targetTable] : undefined;
  if (table) return profilesOf(table);
  const known = Object.keys(tables).join(', ');
  throw new InvalidError(
    'mapping.target_unknown',
    `Schema "${targetSchema}" has no table "${targetTable}". It has: ${known}. For another table give target_schema_def.`,
    { errors: [{ field: 'target_table', message: `must be one of ${known}` }] },
  );
}

export function isCanonical(schema: TargetSchema): schema is CanonicalSchemaName {
  return CANONICAL_SCHEMAS.some((name) => name === schema);
}

function ownColumns(definition: Record<string, string>): FieldProfiles {
  const columns = Object.entries(definition);
  if (columns.length === 0) {
    throw new InvalidError('mapping.target_empty', 'target_schema_def has no columns.', {
      errors: [{ field: 'target_schema_def', message: 'must have at least one column' }],
    });
  }
  return Object.fromEntries(columns.map(([name, type]) => [name, { type }]));
}
