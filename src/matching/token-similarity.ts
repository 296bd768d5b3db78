import { editDistance } from '../domain/nearest.ts';
import type { Lexicon } from './lexicon.ts';
import { stem } from './name-tokens.ts';

const SAME_STEM = 0.97;
const SYNONYM = 0.8;

/** How likely two words of column names mean the same, 0 to 1. */
export function tokenSimilarity(a: string, b: string, lexicon: Lexicon): number {
  if (a === b) return 1;
  if (/^\d+$/.test(a) || /^\d+$/.test(b)) return Number(a) === Number(b) ? 1 : 0;
  if (stem(a) === stem(b)) return SAME_STEM;
  const spelled = Math.max(shortened(a, b, lexicon), shortened(b, a, lexicon), misspelled(a, b, lexicon));
  return lexicon.synonyms(a, b) ? Math.max(SYNONYM, spelled) : spelled;
}

/** `short` as a cut or vowel-less form of `long`: "desc", "mgmt", "diag". A word the lexicon knows is no accidental cut. */
function shortened(short: string, long: string, lexicon: Lexicon): number {
  if (short.length >= long.length || short.length < 2) return 0;
  const isWord = lexicon.words.has(short) ? 0.75 : 1;
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
function misspelled(a: string, b: string, lexicon: Lexicon): number {
  const longest = Math.max(a.length, b.length);
  if (Math.min(a.length, b.length) < 4) return 0;
  const common = commonPrefix(a, b);
  if (common >= 5 && common / longest >= 0.6) return 0.6 + 0.35 * (common / longest);
  // Two words that both exist are two words: county is no country.
  if (lexicon.words.has(a) && lexicon.words.has(b)) return 0;
  if (Math.abs(a.length - b.length) > 2 || a[0] !== b[0]) return 0;
  const likeness = 1 - editDistance(a, b) / longest;
  return likeness >= 0.75 ? likeness * 0.9 : 0;
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
