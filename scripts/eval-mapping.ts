import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { FieldProfiles } from '../src/domain/mapping.ts';
import { CANONICAL_SCHEMAS } from '../src/domain/mapping.ts';
import { profilesOf } from '../src/matching/canonical.ts';
import { matchFields } from '../src/matching/match.ts';
import { type Candidate, rankFields } from '../src/matching/rank.ts';
import { readCanonicalSchema } from '../src/services/mappings/canonical-schemas.ts';

interface LabelledSet {
  name: string;
  source: FieldProfiles;
  target: FieldProfiles;
  truth: Record<string, string>;
}

const sets = readSets(fileURLToPath(new URL('../test/fixtures/mapping/', import.meta.url)));
const rows = sets.map((set) => ({ set: set.name, ...evaluate(set) }));
console.table(rows);
const mean = (key: 'recall' | 'mrr') => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
console.log(`mean recall@GT ${mean('recall').toFixed(3)}  mean MRR ${mean('mrr').toFixed(3)}`);
console.table(bands(sets));

/** Of the proposals of each band, how many are right; fields without a true column count as wrong when they get one. */
function bands(labelled: readonly LabelledSet[]) {
  const tally = new Map<string, { proposed: number; right: number }>();
  for (const { source, target, truth } of labelled) {
    for (const { sourceField, targetColumn, confidenceScore } of matchFields(source, target)) {
      const band = confidenceScore >= 0.7 ? confidenceScore.toFixed(1) : 'uncertain';
      const sum = tally.get(band) ?? { proposed: 0, right: 0 };
      const right = truth[sourceField] === targetColumn;
      if (!right && process.argv.includes('--wrong'))
        console.log(band, sourceField, '->', targetColumn, 'not', truth[sourceField]);
      tally.set(band, { proposed: sum.proposed + 1, right: sum.right + (right ? 1 : 0) });
    }
  }
  const rows = [...tally].sort(([a], [b]) => b.localeCompare(a));
  return Object.fromEntries(
    rows.map(([band, sum]) => [band, { ...sum, precision: round(sum.right / sum.proposed) }]),
  );
}

/** recall: share of the true pairs among the likeliest |truth| pairs of the whole set; mrr: mean of 1/rank of the true column. */
function evaluate({ source, target, truth }: LabelledSet) {
  const ranking = rankFields(source, target, { top: 20 });
  const pairs = Object.entries(ranking).flatMap(([field, list]) => list.map((c) => ({ field, ...c })));
  pairs.sort((a, b) => b.score - a.score);
  const size = Object.keys(truth).length;
  const found = pairs.slice(0, size).filter(({ field, column }) => truth[field] === column).length;
  const ranks = Object.entries(truth).map(([field, column]) => reciprocalRank(ranking[field] ?? [], column));
  return {
    fields: Object.keys(source).length,
    truth: size,
    recall: round(found / size),
    mrr: round(ranks.reduce((a, b) => a + b, 0) / size),
  };
}

function reciprocalRank(list: readonly Candidate[], column: string): number {
  const at = list.findIndex((candidate) => candidate.column === column);
  return at === -1 ? 0 : 1 / (at + 1);
}

function readSets(directory: string): LabelledSet[] {
  return readdirSync(directory).map((file) => {
    const { source, target, canonical, truth } = JSON.parse(readFileSync(directory + file, 'utf8'));
    return { name: file.replace('.json', ''), source, target: target ?? canonicalTable(canonical), truth };
  });
}

function canonicalTable(path: string): FieldProfiles {
  const [schema, table = ''] = path.split('.');
  const name = CANONICAL_SCHEMAS.find((known) => known === schema);
  const found = name && readCanonicalSchema(name).tables[table];
  if (!found) throw new Error(`no canonical table ${path}`);
  return profilesOf(found);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
