import { stem, tokenize } from './name-tokens.ts';
import type { ValueProfile } from './value-profile.ts';

const COUNTED = new Set(
  'percent percentage pct count number amount quantity qty days months weeks hours minutes seconds duration age year years weight height width length depth thickness dimension diameter size dose score ratio rate price cost total sum balance income salary temperature volume concentration distance latitude longitude bmi'
    .split(' ')
    .map(stem),
);
const TOLD_OTHERWISE = new Set(
  'id key code type unit name status group category frequency range reason method site edition'
    .split(' ')
    .map(stem),
);
const ANSWERED = new Set('present indicator flag yn is has'.split(' '));
const DATED = new Set('date datetime timestamp'.split(' '));

/** What the words of a name promise of its values; null where they promise nothing. */
export type ImpliedKind = 'number' | 'answer' | 'time' | null;

export function impliedKind(name: string): ImpliedKind {
  const words = tokenize(name);
  const ends = [words[0], words.at(-1)].map((word) => word ?? '');
  if (words.some((word) => TOLD_OTHERWISE.has(stem(word)))) return null;
  if (ends.some((word) => ANSWERED.has(word))) return 'answer';
  if (DATED.has(ends[1] ?? '')) return 'time';
  return words.some((word) => COUNTED.has(stem(word))) ? 'number' : null;
}

/** Words among numbers, or measured numbers among yes and no: a name that promises the one is less likely to mean the other. */
const BROKEN_PROMISE = 0.8;

/** Factor of at most 1: how well values fit what the name of a field without values promises. */
export function promiseKept(promised: ImpliedKind, values: ValueProfile): number {
  if (promised === null || values.count === 0) return 1;
  if (promised === 'number') return isText(values) && !values.hasDigits ? BROKEN_PROMISE : 1;
  if (promised === 'time') return isText(values) || values.kind === 'boolean' ? BROKEN_PROMISE : 1;
  return values.numbers.some((value) => value !== 0 && value !== 1) ? BROKEN_PROMISE : 1;
}

function isText({ kind }: ValueProfile): boolean {
  return kind === 'text' || kind === 'boolean' || kind === 'nested';
}
