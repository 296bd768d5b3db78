import { describe, expect, it } from 'vitest';
import { matchFields } from '../../../src/matching/match.ts';
import { readLabelledSets } from '../../harness/labelled-sets.ts';

const PROMISED: Record<string, number> = { '1': 0.98, '0.9': 0.9, '0.7': 0.7 };

describe.each(['mapping', 'mapping-held-out'] as const)('confidence on the labelled sets of %s', (folder) => {
  const proposals = readLabelledSets(folder).flatMap(({ source, target, truth }) =>
    matchFields(source, target).map((match) => ({
      ...match,
      isRight: truth[match.sourceField] === match.targetColumn,
    })),
  );

  it.each(Object.entries(PROMISED))('keeps what %s promises', (band, least) => {
    const inBand = proposals.filter((proposal) => String(proposal.confidenceScore) === band);
    expect(inBand.length).toBeGreaterThan(10);
    const right = inBand.filter((proposal) => proposal.isRight).length;
    expect(right / inBand.length).toBeGreaterThanOrEqual(least);
  });
});
