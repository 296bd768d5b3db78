import { editDistance } from '../domain/nearest.ts';
import type { Lexicon } from './lexicon.ts';
import { stem } from './name-tokens.ts';

const SAME_STEM = 0.97;
const SYNONYM = 0.8;

/** Longer words that differ in a letter or two are told by their common beginning. */
const LONGEST_MISSPELLED = 20;
/** How alike misspelled words are at least. */
const LEAST_SPELLED = 0.75;

/** A word with what is asked of it for every word it is compared with. */
export interface KnownWord {
  text: string;
  stem: string;
  /** The lexicon's groups of synonyms it is in. */
  groups: readonly string[];
  isKnown: boolean;
  isNumber: boolean;
  /** A bit for each letter that occurs. */
  letters: number;
}

export function knownWord(text: string, lexicon: Lexicon): KnownWord {
  let letters = 0;
  for (let at = 0; at < text.length; at++) letters |= 1 << (text.charCodeAt(at) & 31);
  return {
    text,
    stem: stem(text),
    groups: lexicon.groups(text),
    isKnown: lexicon.words.has(text),
    isNumber: /^\d+$/.test(text),
    letters,
  };
}

/** How likely two words of column names mean the same, 0 to 1. */
export function tokenSimilarity(a: string, b: string, lexicon: Lexicon): number {
  return wordSimilarity(knownWord(a, lexicon), knownWord(b, lexicon));
}

/** The same; words that begin differently are alike only as synonyms or as numbers. */
export function wordSimilarity(a: KnownWord, b: KnownWord): number {
  if (a.text === b.text) return 1;
  if (a.isNumber || b.isNumber) return Number(a.text) === Number(b.text) ? 1 : 0;
  if (a.stem === b.stem) return SAME_STEM;
  const spelled = Math.max(shortened(a, b.text), shortened(b, a.text), misspelled(a, b));
  return a.groups.some((group) => b.groups.includes(group)) ? Math.max(SYNONYM, spelled) : spelled;
}

/** `short` as a cut or vowel-less form of `long`: "desc", "mgmt", "diag". A word the lexicon knows is no accidental cut. */
function shortened({ text: short, isKnown }: KnownWord, long: string): number {
  if (short.length >= long.length || short.length < 2) return 0;
  const isWord = isKnown ? 0.75 : 1;
  if (long.startsWith(short)) {
    if (short.length === 2) return 0.5 * isWord;
    return (short.length === 3 ? 0.75 : 0.8 + 0.15 * (short.length / long.length)) * isWord;
  }
  if (short.length >= 3 && short[0] === long[0] && isSubsequence(short, long)) {
    const skeleton = long[0] + long.slice(1).replace(/[aeiouy]/g, '');
    if (short === skeleton) return 0.85 * isWord;
    if (isSubsequence(short, skeleton)) return (short.at(-1) === skeleton.at(-1) ? 0.7 : 0.6) * isWord;
    return short.length >= 4 ? 0.5 * isWord : 0;
  }
  return 0;
}

/** Words long enough that one or two other letters, or another ending, are no other word. */
function misspelled(one: KnownWord, other: KnownWord): number {
  const { text: a } = one;
  const { text: b } = other;
  const longest = Math.max(a.length, b.length);
  if (Math.min(a.length, b.length) < 4) return 0;
  const common = commonPrefix(a, b);
  if (common >= 5 && common / longest >= 0.6) return 0.6 + 0.35 * (common / longest);
  // Two words that both exist are two words: county is no country.
  if (one.isKnown && other.isKnown) return 0;
  if (Math.abs(a.length - b.length) > 2 || a[0] !== b[0] || longest > LONGEST_MISSPELLED) return 0;
  // Each letter that only one of them has is a difference, or half of one.
  if (bitsOf(one.letters ^ other.letters) > 2 * (1 - LEAST_SPELLED) * longest) return 0;
  const likeness = 1 - editDistance(a, b) / longest;
  return likeness >= LEAST_SPELLED ? likeness * 0.9 : 0;
}

function bitsOf(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function commonPrefix(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  return at;
}

function isSubsequence(short: string, long: string): boolean {
  let at = 0;
  for (const letter of long) if (letter === short[at]) at++;
  return at === short.length;
}
