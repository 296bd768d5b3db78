import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CanonicalSchema, CanonicalSchemas } from '../../domain/canonical-schema.ts';
import { CANONICAL_SCHEMAS } from '../../domain/mapping.ts';
import { InvalidError, messageOf } from '../../errors.ts';
import { type CanonicalFault, parseCanonical } from '../../matching/canonical.ts';

const BUILT_IN = fileURLToPath(new URL('../../domain/canonical/', import.meta.url));

/**
 * The canonical schemas that come along and over them those of the operator's folder, one `<schema>.json` each: a table of the same name is
 * the operator's, another is added, and a file of another name is another schema. Throws InvalidError `canonical.invalid` with file and
 * line of everything that is wrong in any of the files.
 */
export function readCanonicalSchemas(operatorFolder?: string): CanonicalSchemas {
  const faults: CanonicalFault[] = [];
  const builtIn = CANONICAL_SCHEMAS.map((name) => join(BUILT_IN, `${name}.json`));
  const own = operatorFolder === undefined ? [] : schemaFiles(operatorFolder, faults);
  const schemas = new Map<string, CanonicalSchema>();
  for (const schema of [...builtIn, ...own].flatMap((file) => schemaIn(file, faults) ?? []))
    schemas.set(schema.schema, over(schemas.get(schema.schema), schema));
  if (faults.length === 0) return schemas;
  throw new InvalidError(
    'canonical.invalid',
    faults.map(({ place, message }) => `${place}: ${message}`).join('\n'),
    { errors: faults.map(({ place, message }) => ({ field: place, message })) },
  );
}

const NAME = /^[a-z][a-z0-9_]{0,62}$/;

function schemaFiles(folder: string, faults: CanonicalFault[]): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    return names.sort().map((name) => join(folder, name));
  } catch (error) {
    faults.push({ place: folder, message: `CANONICAL_SCHEMAS_DIR cannot be read: ${messageOf(error)}` });
    return [];
  }
}

function schemaIn(file: string, faults: CanonicalFault[]): CanonicalSchema | null {
  const expected = basename(file, '.json');
  const refuse = (message: string) => {
    faults.push({ place: `${file}:1`, message });
    return null;
  };
  if (expected === 'custom') return refuse('"custom" is what a target without a schema is called');
  if (!NAME.test(expected))
    return refuse('the file must be named for its schema: lower case letters, digits and _');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(`the file cannot be read: ${messageOf(error)}`);
  }
  return parseCanonical(file, text, { expected, onFault: (fault) => void faults.push(fault) });
}

function over(before: CanonicalSchema | undefined, schema: CanonicalSchema): CanonicalSchema {
  return before ? { ...schema, tables: { ...before.tables, ...schema.tables } } : schema;
}
