import { matchFields } from '../src/matching/match.ts';
import { type Candidate, rankFields } from '../src/matching/rank.ts';
import { fabricatedSets, RELATION_NAMES } from '../test/harness/fabricated-sets.ts';
import { type LabelledSet, readLabelledSets } from '../test/harness/labelled-sets.ts';
import { cryptic, hasSamples, nameless } from '../test/harness/perturbed-sets.ts';

/**
 * `npm run eval:mapping [-- --all --wrong]`: how well the matcher does on the labelled sets of test/fixtures, as they are and made harder,
 * and on tables cut in two. recall@GT: share of the true pairs among the |truth| likeliest pairs of a set. MRR: mean of 1/rank of the true
 * column. `--all` prints every set, `--wrong` every wrong proposal.
 */
const started = performance.now();
const sets = readLabelledSets('mapping');
const hard = readLabelledSets('mapping-hard');
report('as published', sets);
report('as published, cryptic: every source name cut short, no types or descriptions', sets.map(cryptic));
report('as published, nameless: values only', sets.filter(hasSamples).map(nameless));
report('hard: study tables against several hundred clinical columns', hard);
report('hard, cryptic', hard.map(cryptic));
for (const relation of RELATION_NAMES) report(`cut in two: ${relation}`, fabricatedSets(relation));
reportBands('as published', sets);
reportBands('hard', hard);
reportBands('cryptic, both', [...sets, ...hard].map(cryptic));
reportBands('cut in two', fabricated());

/** Never used to set a weight or a threshold. */
const heldOut = readLabelledSets('mapping-held-out');
const hardHeldOut = readLabelledSets('mapping-hard-held-out');
report('held out', heldOut);
report('held out, cryptic', heldOut.map(cryptic));
report('held out, hard', hardHeldOut);
report('held out, hard, cryptic', hardHeldOut.map(cryptic));
reportBands('held out, both', [...heldOut, ...hardHeldOut]);
reportBands('held out, both, cryptic', [...heldOut, ...hardHeldOut].map(cryptic));
console.log(`\n${Math.round(performance.now() - started)} ms in all`);

function fabricated(): LabelledSet[] {
  return RELATION_NAMES.flatMap((relation) => fabricatedSets(relation));
}

function report(title: string, labelled: readonly LabelledSet[]) {
  const rows = labelled.map((set) => ({ set: set.name, ...evaluate(set) }));
  const mean = (key: 'recall' | 'mrr') => rows.reduce((sum, row) => sum + row[key], 0) / rows.length;
  console.log(
    `${title}: mean of ${rows.length} sets: recall@GT ${mean('recall').toFixed(3)}, MRR ${mean('mrr').toFixed(3)}`,
  );
  if (process.argv.includes('--all')) console.table(rows);
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
function reportBands(title: string, labelled: readonly LabelledSet[]) {
  const tally = new Map<string, { proposed: number; right: number }>();
  let without = 0;
  let applied = 0;
  for (const { name, source, target, truth } of labelled) {
    without += Object.keys(source).filter((field) => truth[field] === undefined).length;
    for (const { sourceField, targetColumn, confidenceScore } of matchFields(source, target)) {
      const band = confidenceScore >= 0.7 ? confidenceScore.toFixed(1) : 'below 0.7';
      const sum = tally.get(band) ?? { proposed: 0, right: 0 };
      const isRight = truth[sourceField] === targetColumn;
      if (truth[sourceField] === undefined && confidenceScore >= 0.7) applied++;
      if (!isRight && process.argv.includes('--wrong'))
        console.log(
          `${band} ${name}: ${sourceField} -> ${targetColumn}, true: ${truth[sourceField] ?? 'none'}`,
        );
      tally.set(band, { proposed: sum.proposed + 1, right: sum.right + (isRight ? 1 : 0) });
    }
  }
  const rows = [...tally].sort(([a], [b]) => b.localeCompare(a));
  console.log(
    `\nproposals a band, ${title}; of ${without} fields without a true column ${applied} got one at 0.7 or more`,
  );
  console.table(
    Object.fromEntries(
      rows.map(([band, sum]) => [band, { ...sum, precision: round(sum.right / sum.proposed) }]),
    ),
  );
}

function reciprocalRank(list: readonly Candidate[], column: string): number {
  const at = list.findIndex((candidate) => candidate.column === column);
  return at === -1 ? 0 : 1 / (at + 1);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
