import type { FieldProfiles } from '../../src/domain/mapping.ts';
import { tokenize } from '../../src/matching/name-tokens.ts';
import type { LabelledSet } from './labelled-sets.ts';

/** Every source name cut short and written together; no types, no descriptions. */
export function cryptic(set: LabelledSet): LabelledSet {
  return renamed(set, (name) => tokenize(name).map(cutShort).join(''));
}

/** Source names that say nothing; what is left are the sample values of both sides. */
export function nameless(set: LabelledSet): LabelledSet {
  return renamed(set, (_, at) => `f${at}`);
}

/** Whether both sides have sample values enough to be matched without names. */
export function hasSamples({ source, target }: LabelledSet): boolean {
  return [source, target].every((side) => Object.values(side).filter((f) => f.samples?.length).length > 5);
}

/** Cuts a word to its first three letters or drops its vowels, by its length: the same each time. */
function cutShort(word: string): string {
  if (word.length <= 3) return word;
  if (word.length % 2 === 0) return word.slice(0, 3);
  const rest = word.slice(1).replace(/[aeiou]/g, '');
  return (word[0] ?? '') + rest.slice(0, 4);
}

function renamed(set: LabelledSet, rename: (name: string, at: number) => string): LabelledSet {
  const names = new Map(Object.keys(set.source).map((name, at) => [name, rename(name, at)]));
  const nameOf = (name: string) => names.get(name) ?? name;
  return {
    ...set,
    source: samplesOnly(set.source, nameOf),
    target: samplesOnly(set.target, (name) => name),
    truth: Object.fromEntries(Object.entries(set.truth).map(([name, column]) => [nameOf(name), column])),
  };
}

function samplesOnly(fields: FieldProfiles, nameOf: (name: string) => string): FieldProfiles {
  return Object.fromEntries(
    Object.entries(fields).map(([name, { samples }]) => [nameOf(name), samples ? { samples } : {}]),
  );
}
