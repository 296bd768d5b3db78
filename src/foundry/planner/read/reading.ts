import { type BucketUnit, type Draft, emptyDraft } from '../draft.ts';
import type { ColumnKind } from '../kinds.ts';
import type { Entry, Place, Scope } from '../link/scope.ts';
import type { ColumnSlot, Tagged } from '../link/tag.ts';
import type { Prepared } from '../question/prepare.ts';

/** A question being read over one scope: rules take words out of `text` and put what they mean into `draft`. */
export interface Reading {
  text: string;
  scope: Scope;
  prepared: Prepared;
  tagged: Tagged;
  buckets: { unit: BucketUnit; entry: Entry | null }[];
  draft: Draft;
  /** Words that fit several columns equally well. */
  ambiguous: { words: string; entries: Entry[] }[];
  /** What cannot be answered, as the end of "I cannot answer this: ..". */
  problems: string[];
}

export const C = '\\{c\\d+\\}';
export const E = '\\{e\\d+\\}';
export const P = '\\{p\\d+\\}';
export const V = '\\{v\\d+\\}';
export const F = '\\{f\\d+\\}';
export const Q = '\\{q\\d+\\}';
export const N = '\\{n\\d+\\}';
export const T = '\\{t\\d+\\}';
export const B = '\\{b\\d+\\}';
export const IS =
  '(?:is|are|was|were|be|been|equals|equal to|being|of|as|=|:|named|called|in|has|have|had|that|which|who|whose|from|by|for)';
/** Verbs that only tie a subject to what it has. */
export const VERB =
  '(?:made|makes?|caused?|causing|spent|spends?|paid|pays?|took|used|uses|placed|bought|buys?|ordered|released|owns?|won|incurred|experienced|suffered|handled|recorded|reported|signed|gives?|gave|served?|serves|hosted|carried|received|receives?|generated?|generates|produced?|produces|earned?|earns|sold|sells?|flew|shows?|saw|sees?|got|gets?|brought|brings?|contributed?|contain(?:s|ed)?|employs?|employed|published?|wrote|directed)';
export const NOT =
  '(?:not|except for|except|excluding|exclude|without|other than|but not|no|never|!=|<>|outside of|outside|ignoring)';

export function openReading(scope: Scope, prepared: Prepared, tagged: Tagged): Reading {
  return {
    text: tagged.text,
    scope,
    prepared,
    tagged,
    buckets: [],
    draft: emptyDraft(),
    ambiguous: [],
    problems: [],
  };
}

/** Scores closer than this fit equally well; further apart is allowed where all fit in part only: "rating" of two ratings. */
const NEAR = 0.025;
const PARTLY_NEAR = 0.1;

type Taken = string | boolean;

/**
 * Gives every place of `text` that fits to `take`, leftmost first. It answers false to leave it, true to take it out, or what stands there from now on.
 */
export function rule(
  reading: Reading,
  source: string,
  take: (groups: Record<string, string>, whole: string) => Taken,
): void {
  const pattern = new RegExp(`(?<![\\w}])${source}(?![\\w{])`, 'giu');
  reading.text = reading.text
    .replace(pattern, (...args) => {
      const whole = String(args[0]);
      const groups: Record<string, string> = args.at(-1) ?? {};
      const taken = take(groups, whole);
      if (taken === false) return whole;
      return taken === true ? ' ' : ` ${taken} `;
    })
    .replace(/\s+/g, ' ')
    .trim();
}

export function tags(text: string | undefined, kind: string): number[] {
  return [...(text ?? '').matchAll(new RegExp(`\\{${kind}(\\d+)\\}`, 'g'))].map((match) => Number(match[1]));
}

export function columnSlot(reading: Reading, tag: string): ColumnSlot | undefined {
  return reading.tagged.columns[tags(tag, 'c')[0] ?? -1];
}

/** The column a tag stands for, of one of the kinds; null when none of its candidates is. Notes when several fit equally well. */
export function pick(reading: Reading, tag: string, kinds?: readonly ColumnKind[]): Entry | null {
  const slot = columnSlot(reading, tag);
  const fit = (slot?.candidates ?? []).filter(({ entry }) => !kinds || kinds.includes(entry.kind));
  const [best] = fit;
  if (!slot || !best) return null;
  const near = best.score < 0.95 ? PARTLY_NEAR : NEAR;
  const equal = fit.filter(({ score }) => best.score - score < near).map(({ entry }) => entry);
  if (equal.length > 1) {
    const preferred = preferredOf(equal, slot.words);
    if (preferred) return preferred;
    reading.ambiguous.push({ words: slot.words, entries: equal });
  }
  return best.entry;
}

/** Of columns that fit equally well: the shortest name when all its words are in the others ("name", "name suffix"). */
function preferredOf(equal: readonly Entry[], words: string): Entry | null {
  const near = Math.min(...equal.map((entry) => entry.place.hops));
  const nearest = equal.filter((entry) => entry.place.hops === near);
  if (nearest.length === 1) return nearest[0] ?? null;
  if (nearest.some((entry) => entry.place.via?.columns[0] === 'start'))
    return nearest.find((entry) => entry.place.via?.columns[0] === 'start') ?? null;
  const exact = nearest.filter((entry) => entry.column.name.toLowerCase() === words.toLowerCase());
  return exact.length === 1 ? (exact[0] ?? null) : null;
}

/** The joined table a tag stands for. */
export function pickPlace(reading: Reading, tag: string): Place | null {
  const slot = reading.tagged.parents[tags(tag, 'p')[0] ?? -1];
  const [first, second] = slot?.places ?? [];
  if (!slot || !first) return null;
  const isGraph = first.via?.columns[0] === 'start' || first.via?.columns[0] === 'end';
  if (second && !isGraph && first.table === second.table) {
    reading.ambiguous.push({
      words: slot.words,
      entries: slot.places.flatMap(
        (place) => reading.scope.entries.find((entry) => entry.place === place) ?? [],
      ),
    });
  }
  return first;
}

export function numberOf(reading: Reading, tag: string | undefined): number | null {
  const at = tags(tag, 'n')[0];
  return at === undefined ? null : (reading.prepared.numbers[at]?.value ?? null);
}

/** A column that no word of the question named is referred to by a tag too. */
export function addColumn(reading: Reading, entry: Entry, words: string): string {
  return `{c${reading.tagged.columns.push({ candidates: [{ entry, score: 1 }], words }) - 1}}`;
}
