import { z } from 'zod';
import { parseLakeType } from '../domain/lake-type.ts';
import { CANONICAL_SCHEMAS, type CanonicalSchemaName, type FieldProfiles } from '../domain/mapping.ts';
import { InvalidError } from '../errors.ts';

const Column = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower case letters, digits and _, starting with a letter'),
  type: z.string().refine(isLakeType, 'is no column type'),
  description: z.string().min(1),
  key: z.boolean().optional(),
  aliases: z.array(z.string()).optional(),
  samples: z.array(z.unknown()).optional(),
});

const Table = z.strictObject({
  description: z.string().min(1),
  columns: z.array(Column).min(1),
});

const Schema = z.strictObject({
  schema: z.enum(CANONICAL_SCHEMAS),
  description: z.string().min(1),
  tables: z.record(z.string(), Table),
});

export type CanonicalSchema = z.infer<typeof Schema>;
export type CanonicalTable = z.infer<typeof Table>;

/**
 * Reads the text of a canonical schema file.
 * Throws InvalidError `canonical.invalid` with the file and either the line (no JSON) or the path of every fault.
 */
export function parseCanonical(file: string, text: string, expected: CanonicalSchemaName): CanonicalSchema {
  const parsed = Schema.safeParse(parseJson(file, text));
  if (!parsed.success) {
    throw refused(
      file,
      parsed.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message })),
    );
  }
  if (parsed.data.schema !== expected) {
    throw refused(file, [{ field: 'schema', message: `must be "${expected}"` }]);
  }
  const faults = Object.entries(parsed.data.tables).flatMap(([table, { columns }]) =>
    repeated(table, columns),
  );
  if (faults.length > 0) throw refused(file, faults);
  return parsed.data;
}

/** A canonical table as the matcher takes it. */
export function profilesOf(table: CanonicalTable): FieldProfiles {
  return Object.fromEntries(
    table.columns.map(({ name, key, ...column }) => [name, { ...column, isKey: key ?? false }]),
  );
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const at = /position (\d+)/.exec(message)?.[1];
    const line = at === undefined ? text.split('\n').length : text.slice(0, Number(at)).split('\n').length;
    throw new InvalidError('canonical.invalid', `${file}:${line}: this is no JSON: ${message}`, { cause });
  }
}

function repeated(table: string, columns: readonly { name: string }[]) {
  const names = columns.map(({ name }) => name);
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ field: `tables.${table}.columns.${at}.name`, message: `"${name}" is there twice` }],
  );
}

function refused(file: string, errors: { field: string; message: string }[]): InvalidError {
  const lines = errors.map(({ field, message }) => `${file}: ${field}: ${message}`);
  return new InvalidError('canonical.invalid', lines.join('\n'), { errors });
}

function isLakeType(name: string): boolean {
  try {
    parseLakeType(name);
    return true;
  } catch {
    return false;
  }
}
