import { expect, test } from 'vitest';
import type { FieldProfiles } from '../../../src/domain/mapping.ts';
import { rankFields } from '../../../src/matching/rank.ts';

const names = (...list: string[]): FieldProfiles => Object.fromEntries(list.map((name) => [name, {}]));

test('ranking takes 2,000 fields against 500 columns', { timeout: 120_000 }, () => {
  const wide = (count: number, word: string) =>
    names(...Array.from({ length: count }, (_, n) => `${word}_${n % 97}_amount_${n}`));
  expect(Object.keys(rankFields(wide(2_000, 'deal'), wide(500, 'trade')))).toHaveLength(2_000);
});

test('ranking takes names, descriptions and samples of 10,000 characters', { timeout: 120_000 }, () => {
  const long = (n: number) => `${n}${'LOREM ipsum_doLor'.repeat(600)}`;
  const wide = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, n) => [
        long(n),
        { description: long(n + 1), samples: [long(n + 2)] },
      ]),
    );
  const ranking = rankFields(wide(40), wide(200));
  expect(ranking[long(7)]?.[0]?.column).toBe(long(7));
});
