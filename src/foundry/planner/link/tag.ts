import type { Prepared } from '../question/prepare.ts';
import { EMPTY_WORDS, FAINT_WORDS, pieces, root } from '../words.ts';
import { BUCKET_WORDS, KEYWORDS } from './keywords.ts';
import { columnMatch, type Likeness, tableMatch } from './name-match.ts';
import type { Entry, Place, Scope } from './scope.ts';
import { type ValueHit, valueHits } from './value-match.ts';

export interface ColumnSlot {
  /** Best first; those within a hair of the best fit equally well. */
  candidates: { entry: Entry; score: number }[];
  words: string;
}

/**
 * A question with what it names replaced: `{c0}` columns, `{v0}` values, `{e0}` the rows themselves, `{p0}` a table joined to them, `{f0}` proper
 * names that are in no sample; `{n0}`, `{t0}`, `{q0}` as they were.
 */
export interface Tagged {
  text: string;
  columns: ColumnSlot[];
  values: ValueHit[][];
  entities: { words: string }[];
  parents: { places: Place[]; words: string }[];
  names: string[];
  score: number;
}

interface Span {
  from: number;
  size: number;
  weight: number;
  tag(): string;
}

const LONGEST = 6;

/** Links the words of a question to a scope. Longer and better fitting runs win; what fits nothing stays as it is. */
export function tagWords(prepared: Prepared, scope: Scope, likeness: Likeness): Tagged {
  const tokens = prepared.text.split(' ');
  const tagged: Tagged = {
    text: '',
    columns: [],
    values: [],
    entities: [],
    parents: [],
    names: [],
    score: 0,
  };
  const spans: Span[] = [];
  for (let from = 0; from < tokens.length; from++) {
    for (let size = Math.min(LONGEST, tokens.length - from); size > 0; size--) {
      spans.push(...spansAt(tokens, from, size, prepared, scope, likeness, tagged));
    }
  }
  const taken = tokens.map((): string | null => null);
  for (const span of spans.sort((a, b) => b.weight - a.weight || a.from - b.from)) {
    if (taken.slice(span.from, span.from + span.size).some((token) => token !== null)) continue;
    taken.fill('', span.from, span.from + span.size);
    taken[span.from] = span.tag();
    tagged.score += span.weight;
  }
  tagged.text = tagNames(tokens, taken, tagged)
    .filter((token) => token !== '')
    .join(' ');
  return tagged;
}

function spansAt(
  tokens: readonly string[],
  from: number,
  size: number,
  prepared: Prepared,
  scope: Scope,
  likeness: Likeness,
  tagged: Tagged,
): Span[] {
  const said = tokens.slice(from, from + size);
  if (said.includes(',') || said.some((token) => /^\{[tq]/.test(token))) return [];
  const words = said.flatMap((token) => {
    const number = /^\{n(\d+)\}$/.exec(token);
    return number ? pieces(prepared.numbers[Number(number[1])]?.raw ?? '') : pieces(token);
  });
  const first = said[0]?.toLowerCase() ?? '';
  const isBare = said.every((token) => token.startsWith('{'));
  if (words.length === 0 || isBare) return [];
  const raw = said.join(' ');
  const found: Span[] = [];
  const add = (weight: number, tag: () => string) =>
    found.push({
      from,
      size,
      weight: weight * said.reduce((sum, word) => sum + heft(word), 0),
      tag,
    });
  if (size > 1 || !EMPTY_WORDS.has(first) || /^(?:none|yes|no)$/.test(first)) {
    const isProper = /^\p{Lu}/u.test(said[0] ?? '') && (from > 0 || size > 1);
    const hits = valueHits(words, scope.entries, isProper).sort((a, b) => b.score - a.score);
    const [best] = hits;
    if (
      best &&
      !(BUCKET_WORDS.has(first) && size === 1 && /^(?:per|by|each|every)$/i.test(tokens[from - 1] ?? ''))
    )
      add(best.score * 1.05, () => slot('v', tagged.values, hits));
  }
  if (!isRun(said)) {
    const whole = scope.entries.some((entry) => pieces(entry.column.name).join(' ') === words.join(' '));
    if (!whole || (size === 1 && !afterAggregate(tokens[from - 1]))) return found;
  }
  if (said.some((token) => token.startsWith('{'))) return found;
  const isOrder =
    /^orders?$/.test(first) &&
    !/^(?:by|them|these|it)$/i.test(tokens[from + 1] ?? '') &&
    tokens[from - 1] !== 'in';
  const isStep = scope.root.table.kind === 'relationship' && /^(?:steps?|hops?|path)$/.test(first);
  const keyword = size === 1 && (isStep || (KEYWORDS.has(first) && !isOrder));
  if (
    size > 1 &&
    KEYWORDS.has(first) &&
    !FAINT_WORDS.has(first) &&
    !/^(?:total|average|count|rate|rank|order|first|last|like|change|share|number)$/.test(first) &&
    !isWholeName(words, scope)
  )
    return found;
  const isAmount = /^(?:amount|value)$/.test(first) && afterAggregate(tokens[from - 1]);
  if (FAINT_WORDS.has(first) && size === 1 && !isAmount && !isWholeName(words, scope)) return found;
  const candidates = scope.entries
    .map((entry) => ({ entry, score: columnMatch(words, entry, likeness) }))
    .filter(({ score }) => score > 0.4)
    .sort((a, b) => b.score - a.score);
  const [top] = candidates;
  if (top && top.score < 0.95 && size > 1 && said.some((word) => isValue(word, scope))) return found;
  if (top && (!keyword || afterAggregate(tokens[from - 1])) && !startsWithKeyword(said, top.score)) {
    add(top.score, () =>
      slot('c', tagged.columns, {
        candidates: candidates.filter(({ score }) => score >= top.score - 0.25),
        words: raw,
      }),
    );
  }
  if (keyword) return found;
  const own = tableMatch(words, scope.root, likeness);
  if (own > 0) add(own * 1.02, () => slot('e', tagged.entities, { words: raw }));
  const parents = scope.places
    .slice(1)
    .map((place) => ({ place, score: tableMatch(words, place, likeness) - 0.03 * place.hops }))
    .filter(({ score }) => score > 0.5)
    .sort((a, b) => b.score - a.score);
  const [parent] = parents;
  if (parent && parent.score > own) {
    const places = parents.filter(({ score }) => score >= parent.score - 0.01).map(({ place }) => place);
    add(parent.score * 1.01, () => slot('p', tagged.parents, { places, words: raw }));
  }
  return found;
}

/** Plural or not: "names" of a column "name". */
function isWholeName(words: readonly string[], scope: Scope): boolean {
  const said = words.map(root).join(' ');
  return scope.entries.some((entry) => pieces(entry.column.name).map(root).join(' ') === said);
}

/** Whether a word is a value of its own: "open" in "open deals" is no date of opening. */
function isValue(word: string, scope: Scope): boolean {
  return scope.entries.some(({ column }) =>
    column.samples.some((sample) => sample.toLowerCase() === word.toLowerCase()),
  );
}

function heft(word: string): number {
  const lower = word.toLowerCase();
  if (EMPTY_WORDS.has(lower)) return 0;
  return FAINT_WORDS.has(lower) ? 0.6 : 1;
}

/** A name runs over words that mean something, and over "of" between them. */
function isRun(said: readonly string[]): boolean {
  return said.every((word, at) => {
    const lower = word.toLowerCase();
    const isInner = at > 0 && at < said.length - 1;
    if (lower === 'of') return isInner;
    if (FAINT_WORDS.has(lower)) return true;
    return !EMPTY_WORDS.has(lower) && (said.length === 1 || at === 0 || !GRAMMAR.test(lower));
  });
}

const GRAMMAR =
  /^(?:by|per|each|every|for|and|or|than|since|between|not|top|bottom|with|without|more|less|fewer)$/;

function startsWithKeyword(said: readonly string[], score: number): boolean {
  if (said.length === 1) return false;
  const [first = ''] = said;
  return KEYWORDS.has(first.toLowerCase()) && score < (first.toLowerCase() === 'total' ? 0.85 : 0.93);
}

function afterAggregate(before: string | undefined): boolean {
  return /^(?:average|avg|mean|total|sum|highest|lowest|maximum|minimum|max|min|median|of|most|biggest|largest|smallest)$/i.test(
    before ?? '',
  );
}

/** Runs of capitalised words that link to nothing are names of something. */
function tagNames(tokens: readonly string[], taken: (string | null)[], tagged: Tagged): string[] {
  const said: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const tag = taken[at];
    if (tag !== null && tag !== undefined) {
      said.push(tag);
      continue;
    }
    const run = nameRun(tokens, taken, at);
    if (run.length === 0) {
      said.push(tokens[at] ?? '');
      continue;
    }
    said.push(slot('f', tagged.names, run.join(' ')));
    at += run.length - 1;
  }
  return said;
}

function nameRun(tokens: readonly string[], taken: readonly (string | null)[], from: number): string[] {
  const isName = (at: number) => {
    const token = tokens[at] ?? '';
    const known = EMPTY_WORDS.has(token.toLowerCase()) || KEYWORDS.has(token.toLowerCase());
    return (
      taken[at] === null &&
      /^\p{Lu}/u.test(token) &&
      (!known || (at > 0 && at > from)) &&
      (at > 0 || tokens.length < 3)
    );
  };
  const afterNamed = /^(?:named|called|titled)$/i.test(tokens[from - 1] ?? '') && taken[from] === null;
  let end = from;
  while (
    end < tokens.length &&
    (isName(end) || (afterNamed && taken[end] === null && /^\w/.test(tokens[end] ?? '')))
  )
    end++;
  return tokens.slice(from, end);
}

function slot<T>(kind: string, list: T[], value: T): string {
  return `{${kind}${list.push(value) - 1}}`;
}
