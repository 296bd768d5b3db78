import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CANONICAL_SCHEMAS, type CanonicalSchemaName } from '../../domain/mapping.ts';
import { type CanonicalSchema, parseCanonical } from '../../matching/canonical.ts';

const BUILT_IN = fileURLToPath(new URL('../../domain/canonical/', import.meta.url));

/** Reads one canonical schema from its file. Throws InvalidError `canonical.invalid` naming the file and the fault. */
export function readCanonicalSchema(name: CanonicalSchemaName, directory = BUILT_IN): CanonicalSchema {
  const file = `${directory}${name}.json`;
  return parseCanonical(file, readFileSync(file, 'utf8'), name);
}

/** Reads them all: at start, so that a broken file is refused before anybody asks for it. */
export function readCanonicalSchemas(directory = BUILT_IN): CanonicalSchema[] {
  return CANONICAL_SCHEMAS.map((name) => readCanonicalSchema(name, directory));
}
