import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FieldProfile, FieldProfiles } from '../../src/domain/mapping.ts';

/** Two schemas and which source field is which target column; fields that are not in `truth` have none. */
export interface LabelledSet {
  name: string;
  source: FieldProfiles;
  target: FieldProfiles;
  truth: Record<string, string>;
}

export const LABELLED_FOLDERS = [
  'mapping',
  'mapping-held-out',
  'mapping-hard',
  'mapping-hard-held-out',
] as const;

/** The sets of test/fixtures/<folder>. A target is written out, or named: a canonical table, or a file of test/fixtures/mapping-targets. */
export function readLabelledSets(folder: (typeof LABELLED_FOLDERS)[number]): LabelledSet[] {
  return readdirSync(fixture(folder)).map((file) => {
    const { source, target, canonical, truth } = readJson(fixture(`${folder}/${file}`));
    return { name: file.replace('.json', ''), source, target: targetOf(target, canonical), truth };
  });
}

function targetOf(target: FieldProfiles | string | undefined, canonical: string): FieldProfiles {
  if (target === undefined) return canonicalTable(canonical);
  return typeof target === 'string' ? readJson(fixture(`mapping-targets/${target}.json`)).fields : target;
}

/** As the file has it, so that a labelled set is the same whatever reads canonical schemas. */
function canonicalTable(path: string): FieldProfiles {
  const [schema, table = ''] = path.split('.');
  const file = new URL(`../../src/domain/canonical/${schema}.json`, import.meta.url);
  const columns: (FieldProfile & { name: string; key?: boolean })[] = readJson(file).tables[table].columns;
  return Object.fromEntries(
    columns.map(({ name, key, ...column }) => [name, { ...column, isKey: key ?? false }]),
  );
}

function fixture(path: string): string {
  return fileURLToPath(new URL(`../fixtures/${path}`, import.meta.url));
}

function readJson(file: string | URL) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
