import { cutAlignment } from './cut-alignment.ts';
import { createLexicon, type Lexicon } from './lexicon.ts';
import { createSplitter, meaningful, normalizedName, readingsOf, stem, tokenize } from './name-tokens.ts';
import { bagOf, cosines, trigrams } from './sparse.ts';
import { createWordSearch } from './word-search.ts';

/** A reading of a name that is not as written counts for a little less. */
const EXPANDED = 0.96;
const ACRONYM = 0.8;
/** Names that are alike as they are need not be read as cut short. */
const CUT_BELOW = 0.7;
/** Words written together count apart: so many are looked at. */
const MOST_WORDS = 20;
const MIX = { cosine: 0.5, balance: 0.35, containment: 0.15, trigram: 0.2 };

/** Words at the end of a name that say in what its values are counted. */
const UNITS: ReadonlySet<string> = new Set(
  'usd eur gbp chf jpy cny aud cad hkd sgd dollar dollars cents pct bps'.split(' '),
);

interface Word {
  /** Position in the vocabulary of its side. */
  id: number;
  weight: number;
}
interface Name {
  readings: Word[][];
  /** Without what repeats the table's name and without units; empty when all of it is left, or nothing. */
  bare: Word[];
  hasUnit: boolean;
  words: readonly string[];
  /** The words in one: what a name cut short is compared as; empty when the lexicon knows it as a word. */
  joined: string;
  /** First letters, for acronyms. */
  initials: string;
  written: string;
}

/**
 * How alike every source name is to every target name, 0 to 1, row-major. Words are aligned softly (synonyms, short forms, misspellings)
 * and weighted by how rare they are on their side; `context` are words that say nothing here, such as the table's own name.
 */
export function nameScores(
  source: readonly string[],
  target: readonly string[],
  context: readonly string[] = [],
): Float32Array {
  const lexicon = createLexicon(stem);
  const written = new Set([...source, ...target].flatMap(tokenize).filter((token) => token.length > 2));
  const split = createSplitter(
    lexicon.words,
    new Set([...lexicon.words, ...lexicon.shortForms, ...shortOnly(written)]),
  );
  const quiet = new Set(context.flatMap(tokenize).map(stem));
  const left = createSide(source, { lexicon, split, quiet });
  const right = createSide(target, { lexicon, split, quiet });
  const similarity = memoSimilarity(left.words, right.words, lexicon);
  const spelling = cosines(source.map(spellingOf), target.map(spellingOf));
  const out = new Float32Array(source.length * target.length);
  for (const [row, a] of left.names.entries()) {
    for (const [column, b] of right.names.entries()) {
      const at = row * target.length + column;
      out[at] = pairScore(a, b, similarity, spelling[at] ?? 0);
    }
  }
  return out;
}

function pairScore(a: Name, b: Name, similarity: Similarity, spelling: number): number {
  if (a.written === b.written) return 1;
  let best = 0;
  for (const [i, left] of a.readings.entries()) {
    for (const [j, right] of b.readings.entries()) {
      const score = aligned(left, right, similarity) * (i + j === 0 ? 1 : EXPANDED);
      if (score > best) best = score;
    }
  }
  best = Math.max(best, bareScore(a, b, similarity));
  if (best < CUT_BELOW)
    best = Math.max(best, cutAlignment(a.joined, b.words), cutAlignment(b.joined, a.words));
  if (isAcronym(a, b) || isAcronym(b, a)) best = Math.max(best, ACRONYM);
  return Math.min(0.99, (1 - MIX.trigram) * best + MIX.trigram * spelling);
}

/** How alike the names are once one of them is rid of what says nothing new: "Amount" and the value of "deal_value_usd". */
function bareScore(a: Name, b: Name, similarity: Similarity): number {
  const left =
    b.hasUnit || a.bare.length === 0 ? [] : b.readings.map((other) => aligned(a.bare, other, similarity));
  const right =
    a.hasUnit || b.bare.length === 0 ? [] : a.readings.map((other) => aligned(other, b.bare, similarity));
  return Math.max(0, ...left, ...right) * EXPANDED;
}

/** Soft TF-IDF: how much of either name's weight finds a partner in the other. */
function aligned(a: readonly Word[], b: readonly Word[], similarity: Similarity): number {
  const forward = { found: 0, total: 0, product: 0, squares: 0 };
  const backward = { found: 0, total: 0, product: 0, squares: 0 };
  const rows = a.map(({ id }) => similarity(id));
  for (const [at, { weight }] of a.entries()) {
    const row = rows[at] ?? NOTHING;
    let [likeness, partner] = [0, 0];
    for (const other of b) {
      const value = row[other.id] ?? 0;
      if (value > likeness) [likeness, partner] = [value, other.weight];
    }
    count(forward, weight, likeness, partner);
  }
  for (const { id, weight } of b) {
    let [likeness, partner] = [0, 0];
    for (let at = 0; at < rows.length; at++) {
      const value = rows[at]?.[id] ?? 0;
      if (value > likeness) [likeness, partner] = [value, a[at]?.weight ?? 0];
    }
    count(backward, weight, likeness, partner);
  }
  const low = Math.min(shareOf(forward), shareOf(backward));
  const high = Math.max(shareOf(forward), shareOf(backward));
  const balance = low + high === 0 ? 0 : (2 * low * high) / (low + high);
  const cosine = forward.product / Math.sqrt(forward.squares * backward.squares || 1);
  return MIX.cosine * Math.min(1, cosine) + MIX.balance * balance + MIX.containment * high;
}

const NOTHING = new Float32Array(0);

/** How much of a name's weight has found a partner. */
interface Coverage {
  found: number;
  total: number;
  product: number;
  squares: number;
}

function count(coverage: Coverage, weight: number, likeness: number, partner: number): void {
  coverage.found += weight * likeness;
  coverage.total += weight;
  coverage.product += weight * partner * likeness;
  coverage.squares += weight ** 2;
}

function shareOf({ found, total }: Coverage): number {
  return total === 0 ? 0 : found / total;
}

/** Of a word of the left side: how alike each word of the right side is. */
type Similarity = (left: number) => Float32Array;

/** Rows kept of the table of words, each as long as the other side has words: 200 MB at most. */
const MOST_KEPT = 50_000_000;

/** Whoever asks for one pair of a word asks for all. */
function memoSimilarity(left: readonly string[], right: readonly string[], lexicon: Lexicon): Similarity {
  const search = createWordSearch(right, lexicon);
  const rows: (Float32Array | undefined)[] = [];
  let kept = 0;
  return (i) => rows[i] ?? add(i);

  function add(i: number): Float32Array {
    if ((kept + 1) * right.length > MOST_KEPT) {
      rows.fill(undefined);
      kept = 0;
    }
    const row = search(left[i] ?? '');
    rows[i] = row;
    kept += 1;
    return row;
  }
}

interface SideContext {
  lexicon: Lexicon;
  split(token: string): string[];
  quiet: ReadonlySet<string>;
}

function createSide(names: readonly string[], { lexicon, split, quiet }: SideContext) {
  const ids = new Map<string, number>();
  const tokens = names.map((name) => tokenize(name).flatMap(split).slice(0, MOST_WORDS));
  const readings = tokens.map((list) => readingsOf(list, lexicon));
  const held = bagOf(readings.flatMap((list) => [...new Set(list.flat().map(stem))]));
  function toWord(text: string): Word {
    const id = ids.get(text) ?? ids.size;
    ids.set(text, id);
    const rarity = Math.log(1 + (names.length + 4) / ((held.get(stem(text)) ?? 0) + 1));
    return { id, weight: quiet.has(stem(text)) ? rarity * 0.3 : rarity };
  }
  const sided = names.map(
    (name, at): Name => ({
      readings: (readings[at] ?? []).map((reading) => reading.map(toWord)),
      bare: bareOf(meaningful(tokens[at] ?? []), quiet).map(toWord),
      hasUnit: (tokens[at] ?? []).some((token) => UNITS.has(token)),
      words: meaningful(tokens[at] ?? []),
      joined: joinedUnlessKnown(tokens[at] ?? [], lexicon),
      initials: meaningful(tokens[at] ?? [])
        .map((token) => token[0])
        .join(''),
      written: normalizedName(name),
    }),
  );
  return { names: sided, words: [...ids.keys()] };
}

function bareOf(words: readonly string[], quiet: ReadonlySet<string>): string[] {
  const telling = words.filter((word) => !UNITS.has(word) && !quiet.has(stem(word)));
  return telling.length === words.length ? [] : telling;
}

function joinedUnlessKnown(tokens: readonly string[], lexicon: Lexicon): string {
  return tokens.length === 1 && lexicon.words.has(tokens[0] ?? '') ? '' : tokens.join('');
}

function isAcronym(short: Name, long: Name): boolean {
  return long.initials.length >= 2 && short.written === long.initials;
}

function shortOnly(tokens: ReadonlySet<string>): string[] {
  return [...tokens].filter((token) => token.length <= 8);
}

function spellingOf(name: string) {
  return bagOf(trigrams(tokenize(name).join(' ')));
}
