import { matchFields } from '../src/matching/match.ts';
import { tokenize } from '../src/matching/name-tokens.ts';
import { type Candidate, rankFields } from '../src/matching/rank.ts';
import { type LabelledSet, readLabelledSets } from '../test/harness/labelled-sets.ts';

/**
 * `npm run eval:mapping [-- --wrong]`: how well the matcher does on the labelled sets of test/fixtures/mapping, as they are and made harder.
 * recall@GT: share of the true pairs among the |truth| likeliest pairs of a set. MRR: mean of 1/rank of the true column.
 */
const sets = readLabelledSets('mapping');
/** Never used to set a weight or a threshold. */
const heldOut = readLabelledSets('mapping-held-out');
const started = performance.now();
report('as published', sets);
report('cryptic: every source name cut short, no types or descriptions', sets.map(cryptic));
report(
  'nameless: source names say nothing, sample values on both sides',
  sets.filter(hasSamples).map(nameless),
);
console.log(
  `\nproposals per band of confidence, as published (${Math.round(performance.now() - started)} ms in all)`,
);
console.table(bands(sets));
report('held out, as published', heldOut);
report('held out, cryptic', heldOut.map(cryptic));
console.table(bands(heldOut));

function report(title: string, labelled: readonly LabelledSet[]) {
  const rows = labelled.map((set) => ({ set: set.name, ...evaluate(set) }));
  const mean = (key: 'recall' | 'mrr') => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  console.log(`\n${title}`);
  if (title.endsWith('as published') || process.argv.includes('--all')) console.table(rows);
  console.log(
    `mean of ${rows.length} sets: recall@GT ${mean('recall').toFixed(3)}, MRR ${mean('mrr').toFixed(3)}`,
  );
}

function evaluate({ source, target, truth }: LabelledSet) {
  const ranking = rankFields(source, target, { top: 20 });
  const pairs = Object.entries(ranking).flatMap(([field, list]) => list.map((c) => ({ field, ...c })));
  pairs.sort((a, b) => b.score - a.score);
  const size = Object.keys(truth).length;
  const found = pairs.slice(0, size).filter(({ field, column }) => truth[field] === column).length;
  const ranks = Object.entries(truth).map(([field, column]) => reciprocalRank(ranking[field] ?? [], column));
  return {
    fields: Object.keys(source).length,
    columns: Object.keys(target).length,
    truth: size,
    recall: round(found / size),
    mrr: round(ranks.reduce((a, b) => a + b, 0) / size),
  };
}

/** Of the proposals of each band, how many are right; a proposal for a field that has no true column is wrong. */
function bands(labelled: readonly LabelledSet[]) {
  const tally = new Map<string, { proposed: number; right: number }>();
  for (const { source, target, truth } of labelled) {
    for (const { sourceField, targetColumn, confidenceScore } of matchFields(source, target)) {
      const band = confidenceScore >= 0.7 ? confidenceScore.toFixed(1) : 'below 0.7';
      const sum = tally.get(band) ?? { proposed: 0, right: 0 };
      const isRight = truth[sourceField] === targetColumn;
      if (!isRight && process.argv.includes('--wrong'))
        console.log(`${band} ${sourceField} -> ${targetColumn}, true: ${truth[sourceField] ?? 'none'}`);
      tally.set(band, { proposed: sum.proposed + 1, right: sum.right + (isRight ? 1 : 0) });
    }
  }
  const rows = [...tally].sort(([a], [b]) => b.localeCompare(a));
  return Object.fromEntries(
    rows.map(([band, sum]) => [band, { ...sum, precision: round(sum.right / sum.proposed) }]),
  );
}

function cryptic(set: LabelledSet): LabelledSet {
  return renamed(set, (name) => tokenize(name).map(cutShort).join(''));
}

/** Cuts a word to its first three letters or drops its vowels, by its length: the same each time. */
function cutShort(word: string): string {
  if (word.length <= 3) return word;
  return word.length % 2 === 0
    ? word.slice(0, 3)
    : (word[0] ?? '') +
        word
          .slice(1)
          .replace(/[aeiou]/g, '')
          .slice(0, 4);
}

function nameless(set: LabelledSet): LabelledSet {
  return renamed(set, (_, at) => `f${at}`);
}

function hasSamples({ source, target }: LabelledSet): boolean {
  return [source, target].every((side) => Object.values(side).filter((f) => f.samples?.length).length > 5);
}

function renamed(set: LabelledSet, rename: (name: string, at: number) => string): LabelledSet {
  const names = new Map(Object.keys(set.source).map((name, at) => [name, rename(name, at)]));
  const source = Object.entries(set.source).map(([name, { samples }]) => [names.get(name), { samples }]);
  const truth = Object.entries(set.truth).map(([name, column]) => [names.get(name), column]);
  const target = Object.entries(set.target).map(([name, { samples }]) => [name, { samples }]);
  return {
    ...set,
    source: Object.fromEntries(source),
    target: Object.fromEntries(target),
    truth: Object.fromEntries(truth),
  };
}

function reciprocalRank(list: readonly Candidate[], column: string): number {
  const at = list.findIndex((candidate) => candidate.column === column);
  return at === -1 ? 0 : 1 / (at + 1);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
