import type { CanonicalSchemas } from '../../domain/canonical-schema.ts';
import { parseLakeType } from '../../domain/lake-type.ts';
import { CUSTOM_SCHEMA, type FieldProfiles, type MappingRequest } from '../../domain/mapping.ts';
import { AppError, type FieldError, InvalidError, messageOf } from '../../errors.ts';
import { profilesOf } from '../../matching/canonical.ts';

type Target = Pick<MappingRequest, 'targetSchema' | 'targetTable' | 'targetSchemaDef'>;

/**
 * The columns a request maps to: its own definition, else the canonical table.
 * Throws InvalidError `request.invalid` for a schema there is not, `mapping.target_unknown` naming the tables there are, `mapping.target_empty`, or `mapping.target_invalid` naming the
 * columns whose type is not known or whose names differ in nothing but case, which is one column to many engines.
 */
export function targetColumns(
  schemas: CanonicalSchemas,
  { targetSchema, targetTable, targetSchemaDef }: Target,
): FieldProfiles {
  const schema = schemas.get(targetSchema);
  if (!schema && targetSchema !== CUSTOM_SCHEMA) throw schemaUnknown(schemas, targetSchema);
  if (targetSchemaDef) return ownColumns(targetSchemaDef);
  if (!schema) {
    throw new InvalidError(
      'mapping.target_unknown',
      `target_schema "${targetSchema}" needs target_schema_def: the columns of "${targetTable}" with their types.`,
      { errors: [{ field: 'target_schema_def', message: 'is needed for a custom target' }] },
    );
  }
  const { tables } = schema;
  const table = Object.hasOwn(tables, targetTable) ? tables[targetTable] : undefined;
  if (table) return profilesOf(table);
  const known = Object.keys(tables).join(', ');
  throw new InvalidError(
    'mapping.target_unknown',
    `Schema "${targetSchema}" has no table "${targetTable}". It has: ${known}. For another table give target_schema_def.`,
    { errors: [{ field: 'target_table', message: `must be one of ${known}` }] },
  );
}

function schemaUnknown(schemas: CanonicalSchemas, asked: string): InvalidError {
  const known = [...schemas.keys(), CUSTOM_SCHEMA].join(', ');
  return new InvalidError('request.invalid', `There is no target_schema "${asked}". There is: ${known}.`, {
    errors: [{ field: 'target_schema', message: `must be one of ${known}` }],
  });
}

function ownColumns(definition: Record<string, string>): FieldProfiles {
  const columns = Object.entries(definition);
  if (columns.length === 0) {
    throw new InvalidError('mapping.target_empty', 'target_schema_def has no columns.', {
      errors: [{ field: 'target_schema_def', message: 'must have at least one column' }],
    });
  }
  const errors = [...unknownTypes(columns), ...sameNames(columns.map(([name]) => name))];
  if (errors.length > 0) {
    const [first] = errors;
    throw new InvalidError('mapping.target_invalid', `${first?.field}: ${first?.message}`, { errors });
  }
  return Object.fromEntries(columns.map(([name, type]) => [name, { type }]));
}

function unknownTypes(columns: readonly [string, string][]): FieldError[] {
  return columns.flatMap(([name, type]) => {
    try {
      parseLakeType(type);
      return [];
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return [{ field: `target_schema_def.${name}`, message: messageOf(error) }];
    }
  });
}

function sameNames(names: readonly string[]): FieldError[] {
  const first = new Map<string, string>();
  return names.flatMap((name) => {
    const other = first.get(name.toLowerCase());
    first.set(name.toLowerCase(), other ?? name);
    if (other === undefined) return [];
    return [
      {
        field: `target_schema_def.${name}`,
        message: `is the same column as "${other}": only the case differs`,
      },
    ];
  });
}
