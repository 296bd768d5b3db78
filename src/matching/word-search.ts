import type { Lexicon } from './lexicon.ts';
import { type KnownWord, knownWord, wordSimilarity } from './token-similarity.ts';

/** Less alike than this says nothing. */
const LEAST = 0.45;

/** For a word: how alike each of the words is, 0 to 1. Only those that may be alike are looked at: with its first letter, or a synonym. */
export function createWordSearch(words: readonly string[], lexicon: Lexicon): (word: string) => Float32Array {
  const byFirst = new Map<string, number[]>();
  const byGroup = new Map<string, number[]>();
  const known = words.map((word) => knownWord(word, lexicon));
  for (const [at, word] of known.entries()) {
    add(byFirst, firstOf(word), at);
    for (const group of word.groups) add(byGroup, group, at);
  }
  return (text) => {
    const word = knownWord(text, lexicon);
    const found = new Float32Array(words.length);
    const synonyms = word.groups.flatMap((group) => byGroup.get(group) ?? []);
    for (const at of [...(byFirst.get(firstOf(word)) ?? []), ...synonyms]) {
      const other = known[at];
      const value = other ? wordSimilarity(word, other) : 0;
      found[at] = value >= LEAST ? value : 0;
    }
    return found;
  };
}

/** Numbers are compared as numbers: "01" is 1. */
function firstOf({ text, isNumber }: KnownWord): string {
  return isNumber ? '0' : text.slice(0, 1);
}

function add(lists: Map<string, number[]>, key: string, at: number): void {
  const list = lists.get(key);
  if (list) list.push(at);
  else lists.set(key, [at]);
}
