import { describe, expect, it } from 'vitest';
import { matchFields } from '../../../src/matching/match.ts';
import { fabricatedSets, RELATION_NAMES } from '../../harness/fabricated-sets.ts';
import { type LabelledSet, readLabelledSets } from '../../harness/labelled-sets.ts';
import { cryptic } from '../../harness/perturbed-sets.ts';

const PROMISED: Record<string, number> = { '1': 0.98, '0.9': 0.9, '0.7': 0.7 };
const seen = [...readLabelledSets('mapping'), ...readLabelledSets('mapping-hard')];
const heldOut = [...readLabelledSets('mapping-held-out'), ...readLabelledSets('mapping-hard-held-out')];
const cutInTwo = RELATION_NAMES.flatMap((relation) => fabricatedSets(relation));

describe.each([
  ['the labelled sets', seen, 100],
  ['sets nothing was set on', heldOut, 25],
  ['names cut short', [...seen, ...cutInTwo].map(cryptic), 0],
  ['names cut short, sets nothing was set on', heldOut.map(cryptic), 0],
  ['tables cut in two', cutInTwo, 0],
])('confidence on %s', (_, sets, leastAtOne) => {
  const proposals = sets.flatMap(judged);

  it.each(Object.entries(PROMISED))('keeps what %s promises', (band, least) => {
    const inBand = proposals.filter((proposal) => String(proposal.confidenceScore) === band);
    expect(inBand.length).toBeGreaterThan(band === '1' ? leastAtOne : 10);
    const right = inBand.filter((proposal) => proposal.isRight).length;
    expect(right / inBand.length).toBeGreaterThanOrEqual(least);
  });

  it('mostly gives a field that has no column none that would be applied', () => {
    const without = proposals.filter(({ hasColumn }) => !hasColumn);
    const fields = sets.flatMap(({ source, truth }) => Object.keys(source).filter((field) => !truth[field]));
    const applied = without.filter(({ confidenceScore }) => confidenceScore >= 0.7);
    expect(fields.length).toBeGreaterThan(10);
    expect(applied.length / fields.length).toBeLessThan(0.15);
  });
});

function judged({ source, target, truth }: LabelledSet) {
  return matchFields(source, target).map(({ sourceField, targetColumn, confidenceScore }) => ({
    confidenceScore,
    isRight: truth[sourceField] === targetColumn,
    hasColumn: truth[sourceField] !== undefined,
  }));
}
