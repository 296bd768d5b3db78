import type { FieldProfiles } from '../domain/mapping.ts';
import { meaningful, stem, tokenize } from './name-tokens.ts';
import { type Bag, bagOf, inverseFrequency, products } from './sparse.ts';

const MOST_VALUES = 60;
/** Longer values are prose, which holds any word. */
const LONGEST_VALUE = 60;
/** A field whose values hold more words than this proves less by holding one more. */
const MANY_WORDS = 6;

/**
 * How much of a field's name is found among the other field's values, either way, rare words counting most: a column "diabetes" and a
 * comorbidity that is "Diabetes". 0 to 1, row-major.
 */
export function crossScores(source: FieldProfiles, target: FieldProfiles): Float32Array {
  const leftNames = nameBags(source);
  const rightNames = nameBags(target);
  const leftValues = valueBags(source);
  const rightValues = valueBags(target);
  const rarity = inverseFrequency([...leftNames, ...rightNames, ...leftValues, ...rightValues]);
  const there = products(
    leftNames.map((bag) => shares(bag, rarity)),
    rightValues.map(held),
  );
  const back = products(
    leftValues.map(held),
    rightNames.map((bag) => shares(bag, rarity)),
  );
  return there.map((value, at) => Math.max(value, back[at] ?? 0));
}

function nameBags(fields: FieldProfiles): Bag[] {
  return Object.keys(fields).map((name) => bagOf(new Set(meaningful(tokenize(name)).map(stem))));
}

function valueBags(fields: FieldProfiles): Bag[] {
  return Object.values(fields).map(({ samples = [] }) => {
    const texts = samples
      .slice(0, MOST_VALUES)
      .filter((value) => typeof value === 'string' && value.length < LONGEST_VALUE);
    const words = texts.flatMap((text) => tokenize(String(text)));
    return bagOf(new Set(words.filter((word) => word.length > 2 && !/^\d+$/.test(word)).map(stem)));
  });
}

function shares(bag: Bag, rarity: ReadonlyMap<string, number>): [string, number][] {
  const weights = [...bag.keys()].map((word): [string, number] => [word, rarity.get(word) ?? 0]);
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  return weights.map(([word, weight]) => [word, weight / (total || 1)]);
}

function held(bag: Bag): [string, number][] {
  const proof = 1 / Math.sqrt(Math.max(1, bag.size / MANY_WORDS));
  return [...bag.keys()].map((word) => [word, proof]);
}
