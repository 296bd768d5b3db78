import type { Lexicon } from '../../../matching/lexicon.ts';
import { tokenSimilarity } from '../../../matching/token-similarity.ts';
import { EMPTY_WORDS, FAINT_WORDS, root } from '../words.ts';
import type { Entry, Place } from './scope.ts';

/** Says how likely a word of the question and a root of a name mean the same, 0 to 1. */
export type Likeness = (word: string, name: string) => number;

const LIKE_ENOUGH = 0.75;
/** Words that tell a column less than the others in its name. */
const WEAK = new Set(
  'id name nam code number type amount valu total date count no text flag statu usd eur gbp percent'.split(
    ' ',
  ),
);

export function createLikeness(lexicon: Lexicon): Likeness {
  const memo = new Map<string, number>();
  return (word, name) => {
    const key = `${word} ${name}`;
    const known = memo.get(key);
    if (known !== undefined) return known;
    const found = like(word, name, lexicon);
    memo.set(key, found);
    return found;
  };
}

/** Words of the grammar mean no other word. */
const AGGREGATES =
  /^(?:total|sum|count|average|mean|number|maximum|minimum|max|min|highest|lowest|most|least|top|first|last)$/;

function like(word: string, name: string, lexicon: Lexicon): number {
  const base = root(word);
  if (base === name || word === name) return 1;
  if (AGGREGATES.test(word)) return 0;
  const meant = lexicon
    .readings(word)
    .some((reading) => reading.length === 1 && root(reading[0] ?? '') === name);
  if (meant) return 0.92;
  if (lexicon.synonyms(word, name) || lexicon.synonyms(base, name)) return 0.8;
  if (base.length < 5 || name.length < 5) return 0;
  return Math.min(0.78, tokenSimilarity(base, name, lexicon) * 0.9);
}

/** How well a run of words names a column, 0 to 1: every word must be in its name, and what of the name is missing costs. */
export function columnMatch(words: readonly string[], entry: Entry, likeness: Likeness): number {
  const telling = words.filter(
    (word) => !EMPTY_WORDS.has(word) || FAINT_WORDS.has(word) || words.length === 1,
  );
  if (telling.length === 0) return 0;
  if (telling.length > 1 && GENERIC.test(telling.at(-1) ?? '')) {
    const whole = matchOf(telling, entry, likeness);
    return whole > 0 ? whole : Math.max(0, matchOf(telling.slice(0, -1), entry, likeness) - 0.05);
  }
  return matchOf(telling, entry, likeness);
}

/** "weather type" is the column weather where there is no type. */
const GENERIC = /^(?:types?|values?|names?|categor(?:y|ies)|amounts?)$/;

function matchOf(telling: readonly string[], entry: Entry, likeness: Likeness): number {
  let best = 0;
  for (const [at, reading] of entry.readings.entries()) {
    const score = readingMatch(telling, reading, entry.place, likeness);
    best = Math.max(best, at === 0 ? score : score * 0.97);
  }
  return best > 0 ? best - 0.04 * entry.place.hops : describedMatch(telling, entry);
}

function readingMatch(
  words: readonly string[],
  reading: readonly string[],
  place: Place,
  likeness: Likeness,
): number {
  const hit = new Map<string, number>();
  let roles = 0;
  for (const word of words) {
    const [name, score] = closest(word, reading, likeness);
    if (score >= LIKE_ENOUGH) hit.set(name, Math.max(hit.get(name) ?? 0, score));
    else if (qualifies(word, place, likeness)) roles++;
    else return 0;
  }
  if (hit.size === 0) return 0;
  const weight = (name: string) => (WEAK.has(name) ? 0.4 : 1);
  const all = reading.reduce((sum, name) => sum + weight(name), 0);
  const met = [...hit].reduce((sum, [name, score]) => sum + weight(name) * score, 0);
  return Math.min(1, 0.5 + 0.5 * (met / Math.max(all, 0.4)) + (place.hops > 0 ? 0.04 * roles : 0));
}

/** "customer name", "origin city": words that say which table a column is of. */
function qualifies(word: string, place: Place, likeness: Likeness): boolean {
  if (place.hops === 0 && /[^s]s$/.test(word)) return false;
  return [...place.names, ...place.role].some((name) => likeness(word, name) >= 0.9);
}

function closest(word: string, names: readonly string[], likeness: Likeness): [string, number] {
  let best: [string, number] = ['', 0];
  for (const name of names) {
    const score = likeness(word, name);
    if (score > best[1]) best = [name, score];
  }
  return best;
}

function describedMatch(words: readonly string[], entry: Entry): number {
  const roots = words.map(root).filter((word) => word.length > 3);
  return roots.length > 0 && roots.every((word) => entry.described.has(word)) ? 0.45 : 0;
}

/** How well words name a table, 0 to 1. "strikes" names birdstrikes, "bird strikes" too. */
export function tableMatch(words: readonly string[], place: Place, likeness: Likeness): number {
  const telling = words.filter((word) => !EMPTY_WORDS.has(word));
  if (telling.length === 0) return 0;
  const joined = telling.map((word, at) => (at === telling.length - 1 ? root(word) : word)).join('');
  if (place.names.join('') === joined) return 1;
  const roles = telling.filter((word) => place.role.some((name) => likeness(word, name) >= 0.9));
  const own = telling.filter((word) => !roles.includes(word));
  if (own.length === 0) return roles.length > 0 && place.names.length > 0 ? 0.6 : 0;
  const scores = own.map((word) => closest(word, place.names, likeness)[1]);
  if (scores.every((score) => score >= LIKE_ENOUGH)) {
    const head = closest(own.at(-1) ?? '', place.names.slice(-1), likeness)[1] >= LIKE_ENOUGH;
    const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
    return mean * (head ? 1 : 0.75) * (0.8 + 0.2 * Math.min(1, own.length / place.names.length));
  }
  const [only = ''] = telling.length === 1 ? telling : [];
  const tail = root(only);
  return tail.length >= 5 && place.names.length === 1 && place.names[0]?.endsWith(tail) ? 0.8 : 0;
}
