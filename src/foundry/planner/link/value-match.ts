import { pieces, root } from '../words.ts';
import type { Entry } from './scope.ts';

/** A value of a column that a run of words names. */
export interface ValueHit {
  entry: Entry;
  value: string;
  /** 1: the words are the value; less: a part of it. */
  score: number;
}

/** The sample values a run of words names; several where several columns hold it. */
export function valueHits(
  words: readonly string[],
  entries: readonly Entry[],
  isProper: boolean,
): ValueHit[] {
  const exact = entries.flatMap((entry) => exactIn(words, entry));
  if (exact.length > 0) return exact;
  return isProper ? entries.flatMap((entry) => partOf(words, entry)) : [];
}

function exactIn(words: readonly string[], entry: Entry): ValueHit[] {
  if (entry.kind !== 'text') return [];
  const said = words.join(' ');
  const saidRoots = words.map(root).join(' ');
  for (const value of entry.column.samples) {
    const parts = pieces(value);
    if (parts.length === 0) continue;
    if (parts.join(' ') === said) return [{ entry, value, score: 1 - 0.02 * entry.place.hops }];
    const isWord = said.length > 3 && parts.map(root).join(' ') === saidRoots;
    if (isWord) return [{ entry, value, score: 0.93 - 0.02 * entry.place.hops }];
  }
  return [];
}

/** "Delta" of "DELTA AIR LINES": only where one value of the column has it. */
function partOf(words: readonly string[], entry: Entry): ValueHit[] {
  if (entry.kind !== 'text' || words.join('').length < 3) return [];
  const having = entry.column.samples.filter((value) => contains(pieces(value), words));
  const [value] = having;
  if (value === undefined || having.length > 1) return [];
  const starts = pieces(value)[0] === words[0];
  return [{ entry, value, score: (starts ? 0.8 : 0.7) - 0.02 * entry.place.hops }];
}

function contains(parts: readonly string[], words: readonly string[]): boolean {
  return parts.some((_, at) => words.every((word, offset) => parts[at + offset] === word));
}
