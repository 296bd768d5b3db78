import { z } from 'zod';
import type { CanonicalSchema, CanonicalTable } from '../domain/canonical-schema.ts';
import { jsonPlaces } from '../domain/json-places.ts';
import { parseLakeType } from '../domain/lake-type.ts';
import type { FieldProfiles } from '../domain/mapping.ts';
import { messageOf } from '../errors.ts';

/** What is wrong with a schema file, and where. */
export interface CanonicalFault {
  /** "dm.json:12" */
  place: string;
  /** "tables.deals.columns.0.type: is no column type" */
  message: string;
}

/**
 * Reads the text of a canonical schema file, `expected` being the name its schema must have. `onFault` hears everything that is wrong with
 * it; then the answer is null.
 */
export function parseCanonical(
  file: string,
  text: string,
  { expected, onFault }: { expected: string; onFault(fault: CanonicalFault): void },
): CanonicalSchema | null {
  const places = jsonPlaces(text);
  const json = readJson(text);
  if ('error' in json) {
    onFault({ place: `${file}:${places.brokenLine ?? 1}`, message: `this is no JSON: ${json.error}` });
    return null;
  }
  const parsed = Schema.safeParse(json.value);
  const faults = [
    ...places.repeated.map(({ path, line }) => ({ line, path, message: 'is there twice' })),
    ...(parsed.success ? furtherFaults(parsed.data, expected) : parsed.error.issues.flatMap(faultsOf)).map(
      (fault) => ({ ...fault, line: places.lineOf(fault.path) }),
    ),
  ].sort((a, b) => a.line - b.line);
  for (const { line, path, message } of faults) {
    const at = path.length > 0 ? `${path.join('.')}: ` : '';
    onFault({ place: `${file}:${line}`, message: `${at}${message}` });
  }
  return parsed.success && faults.length === 0 ? parsed.data : null;
}

/** A canonical table as the matcher takes it. */
export function profilesOf(table: CanonicalTable): FieldProfiles {
  return Object.fromEntries(
    table.columns.map(({ name, key, type, description, aliases, samples }) => [
      name,
      {
        type,
        description,
        isKey: key ?? false,
        ...(aliases ? { aliases } : {}),
        ...(samples ? { samples } : {}),
      },
    ]),
  );
}

const Column = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,62}$/, 'must be lower case letters, digits and _, starting with a letter'),
  type: z.string().refine(isLakeType, 'is no column type'),
  description: z.string().min(1),
  key: z.boolean().optional(),
  aliases: z.array(z.string().min(1)).optional(),
  samples: z.array(z.unknown()).optional(),
});

const Table = z.strictObject({
  description: z.string().min(1),
  columns: z.array(Column).min(1),
});

const TableName = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be letters, digits and _');

const Schema = z.strictObject({
  schema: z.string(),
  description: z.string().min(1),
  tables: z
    .record(TableName, Table)
    .refine((tables) => Object.keys(tables).length > 0, 'must hold at least one table'),
});

interface Fault {
  path: PropertyKey[];
  message: string;
}

function faultsOf(issue: z.core.$ZodIssue): Fault[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({ path: [...issue.path, key], message: 'is not known here' }));
    case 'invalid_key':
      return issue.issues.map(({ message }) => ({ path: issue.path, message }));
    default:
      return [{ path: issue.path, message: issue.message }];
  }
}

function furtherFaults({ schema, tables }: CanonicalSchema, expected: string): Fault[] {
  const named = schema === expected ? [] : [{ path: ['schema'], message: `must be "${expected}"` }];
  return [...named, ...Object.entries(tables).flatMap(([table, { columns }]) => repeated(table, columns))];
}

function repeated(table: string, columns: readonly { name: string }[]): Fault[] {
  const names = columns.map(({ name }) => name);
  return names.flatMap((name, at) =>
    names.indexOf(name) === at
      ? []
      : [{ path: ['tables', table, 'columns', at, 'name'], message: `"${name}" is there twice` }],
  );
}

function readJson(text: string): { value: unknown } | { error: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function isLakeType(name: string): boolean {
  try {
    parseLakeType(name);
    return true;
  } catch {
    return false;
  }
}
