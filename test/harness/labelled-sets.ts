import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FieldProfiles } from '../../src/domain/mapping.ts';
import { profilesOf } from '../../src/matching/canonical.ts';
import { readCanonicalSchemas } from '../../src/services/mappings/canonical-schemas.ts';

/** Two schemas and which source field is which target column; fields that are not in `truth` have none. */
export interface LabelledSet {
  name: string;
  source: FieldProfiles;
  target: FieldProfiles;
  truth: Record<string, string>;
}

/** The sets of test/fixtures/<folder>. */
export function readLabelledSets(folder: 'mapping' | 'mapping-held-out'): LabelledSet[] {
  const directory = fileURLToPath(new URL(`../fixtures/${folder}/`, import.meta.url));
  return readdirSync(directory).map((file) => {
    const { source, target, canonical, truth } = JSON.parse(readFileSync(directory + file, 'utf8'));
    return { name: file.replace('.json', ''), source, target: target ?? canonicalTable(canonical), truth };
  });
}

function canonicalTable(path: string): FieldProfiles {
  const [schema, table = ''] = path.split('.');
  const found = readCanonicalSchemas().get(schema ?? '')?.tables[table];
  if (!found) throw new Error(`no canonical table ${path}`);
  return profilesOf(found);
}
