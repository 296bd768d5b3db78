import type { FieldProfile } from '../../domain/mapping.ts';

interface Unit {
  name: string;
  dimension: 'time' | 'share';
  /** In seconds, or in hundredths of a percent. */
  size: number;
  /** Words that name it; those of one letter only at the end of a name. */
  words: readonly string[];
}

const UNITS: readonly Unit[] = [
  { name: 'microseconds', dimension: 'time', size: 1e-6, words: ['us', 'usec', 'micros', 'microseconds'] },
  { name: 'milliseconds', dimension: 'time', size: 1e-3, words: ['ms', 'msec', 'millis', 'milliseconds'] },
  { name: 'seconds', dimension: 'time', size: 1, words: ['s', 'sec', 'secs', 'seconds'] },
  { name: 'minutes', dimension: 'time', size: 60, words: ['mins', 'minutes'] },
  { name: 'hours', dimension: 'time', size: 3600, words: ['h', 'hrs', 'hours'] },
  { name: 'days', dimension: 'time', size: 86_400, words: ['days'] },
  { name: 'basis points', dimension: 'share', size: 1, words: ['bp', 'bps'] },
  { name: 'percent', dimension: 'share', size: 100, words: ['pct', 'percent', 'percentage'] },
  { name: 'a fraction', dimension: 'share', size: 10_000, words: ['fraction', 'ratio'] },
];

export interface UnitConversion {
  from: string;
  to: string;
  /** To be written behind a number: "/1000". */
  operation: string;
}

type Named = FieldProfile & { name: string };

/** How to get from the unit one name states to the one the other does; null unless both state one, of one kind, and they differ. */
export function unitConversion(source: Named, target: Named): UnitConversion | null {
  const from = unitOf(source);
  const to = unitOf(target);
  if (!from || !to || from === to || from.dimension !== to.dimension) return null;
  const isUp = from.size > to.size;
  const factor = Math.round(isUp ? from.size / to.size : to.size / from.size);
  return { from: from.name, to: to.name, operation: `${isUp ? '*' : '/'}${factor}` };
}

/** Whether a column holds 0.45 for 45 %. */
export function saysFraction(target: Named): boolean {
  if (unitOf(target)?.name === 'percent') return false;
  const words = wordsOf(target.name);
  if (words.some((word) => ['fraction', 'ratio', 'proportion', 'probability'].includes(word))) return true;
  if (/\bfraction\b|between 0 and 1\b|\b0 to 1\b/i.test(target.description ?? '')) return true;
  const samples = (target.samples ?? []).map(Number);
  return samples.length > 1 && samples.every((n) => n >= 0 && n <= 1) && samples.some((n) => n % 1 !== 0);
}

function unitOf({ name }: Named): Unit | null {
  const words = wordsOf(name);
  const found = UNITS.filter((unit) =>
    unit.words.some((word) =>
      word.length === 1 ? words.length > 1 && words.at(-1) === word : words.includes(word),
    ),
  );
  return found.length === 1 ? (found[0] ?? null) : null;
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
}
