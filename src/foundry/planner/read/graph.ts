import { displayOf, type Entry, type Place } from '../link/scope.ts';
import { E, F, N, numberOf, P, Q, type Reading, rule, tags, V } from './reading.ts';

/** Words of going from node to node, where a relationship is asked about. */
const STEPS =
  /^(?:reach(?:ed|able)?|connect(?:ed|ions?)?|link(?:ed)?|direct|directly|leave|leaving|leaves|departing|depart|arriving|arrive|go|going|lead|leads|act|acted)$/i;

/**
 * In a relationship a name is of one end, and what is asked for of the other: "movies directed by X", "who directed Y", "airports reached from Z".
 * Filters the named end and shows the asked one.
 */
export function readEnds(reading: Reading): void {
  const { scope } = reading;
  if (scope.root.table.kind !== 'relationship') return;
  reading.text = reading.text
    .split(' ')
    .filter((word) => !STEPS.test(word))
    .join(' ');
  const ends = scope.places.slice(1);
  const end = (which: string) => ends.find((place) => place.via?.columns[0] === which) ?? null;
  const areAlike = ends.every((place) => place.table === ends[0]?.table);
  rule(reading, `neighbou?rs of(?= (?:${F}|${Q}|${V}))`, () => {
    if (!areAlike) return false;
    const slot = reading.tagged.parents.push({ places: ends, words: NEIGHBOURS }) - 1;
    return `{p${slot}} from`;
  });
  if (readPath(reading, ends)) return;
  readReach(reading);
  const asked = askedEnd(reading);
  const named = new Map<Place, string>();
  rule(
    reading,
    `(?<!\\{c\\d+\\} (?:is |= |of )?)(?:(?<prep>from|to|into|by|in|of|with|between|at) )?(?<name>${F}|${Q}|${V})`,
    ({ prep = '', name = '' }) => {
      const place = /^from$/i.test(prep)
        ? end('start')
        : /^(?:to|into)$/i.test(prep)
          ? end('end')
          : otherEnd(ends, asked);
      const found = place && namedAt(reading, place, name);
      if (!place || !found) return false;
      const { entry, values, isExact } = found;
      reading.draft.filters.push({ kind: 'in', entry, values, isExact, isNegated: false });
      if (found.isName) named.set(place, name);
      return true;
    },
  );
  if (named.size === 0) return;
  const isCount = /how many|number of|count|average|total|most|top|per|each/i.test(reading.text);
  const shown = asked && !named.has(asked) ? asked : otherEnd(ends, [...named.keys()][0] ?? null);
  const display = shown && displayOf(scope, shown);
  if (!display) return;
  const isBeside = reading.tagged.parents.some(({ words }) => words === NEIGHBOURS);
  if (isCount && !new RegExp(`(?:how many|number of|count) ${P}`, 'i').test(reading.text)) return;
  rule(reading, P, () => true);
  if (isCount) {
    reading.draft.measures.push({ fn: 'distinct', entry: display, share: null, where: [] });
    rule(reading, '(?:how many|number of|count)', () => true);
    return;
  }
  if (/(?:^| )(?:which|who|what|list|show|find)(?: |$)/i.test(reading.text) || asked || isBeside) {
    rule(reading, E, () => true);
    reading.draft.columns.push(display);
    reading.draft.isDistinct = true;
  }
}

/** Stands for the nodes beside a named one. */
export const NEIGHBOURS = 'neighbours';
export const MOST_STEPS = 5;

/** "within 2 steps": how far to go, never without a bound. */
function readReach(reading: Reading): void {
  rule(
    reading,
    `(?:with(?:in)?|in|through|using)? ?(?:at most|up to|no more than)? ?(?<n>${N}) (?:or (?:less|fewer) )?(?:hops?|steps?|stops?|links?|degrees?|${E})(?: of separation)?`,
    ({ n }) => {
      const steps = numberOf(reading, n);
      if (steps === null || !Number.isInteger(steps) || steps < 1) return false;
      if (steps > MOST_STEPS) reading.problems.push(`more than ${MOST_STEPS} steps are too many`);
      reading.draft.reach = Math.min(steps, MOST_STEPS);
      return true;
    },
  );
}

/** "shortest path between A and B". */
function readPath(reading: Reading, ends: readonly Place[]): boolean {
  const name = `(?:${F}|${Q}|${V})`;
  const [from, to] = ['start', 'end'].map((which) => ends.find((place) => place.via?.columns[0] === which));
  if (!from || !to || from.table !== to.table) return false;
  let isPath = false;
  rule(
    reading,
    `(?:what |which |find |show )?(?:is )?(?:shortest|quickest|fewest) (?:path|way|${E}|connection|chain)s?(?: of ${E})? (?:between|from) (?<a>${name}) (?:and|to) (?<b>${name})`,
    ({ a = '', b = '' }) => {
      for (const [place, tag] of [
        [from, a],
        [to, b],
      ] as const) {
        const found = namedAt(reading, place, tag);
        if (!found) return false;
        const { entry, values, isExact } = found;
        reading.draft.filters.push({ kind: 'in', entry, values, isExact, isNegated: false });
        if (place === from) reading.draft.path = { from, to, shown: entry };
      }
      isPath = true;
      return true;
    },
  );
  return isPath;
}

/** The end a table's name or "who" asks for; null where both ends are alike. */
function askedEnd(reading: Reading): Place | null {
  const ends = reading.scope.places.slice(1);
  const parents = tags(reading.text, 'p').flatMap((at) => reading.tagged.parents[at]?.places ?? []);
  const [first] = parents;
  if (first) return parents.some((place) => place !== first && place.table === first.table) ? null : first;
  return /^who\b/i.test(reading.text)
    ? (ends.find((place) => place.via?.columns[0] === 'start') ?? null)
    : null;
}

function otherEnd(ends: readonly Place[], asked: Place | null): Place | null {
  return ends.find((place) => place !== asked) ?? null;
}

/** What a name filters at one end; a sample's own column where it has that value there. */
function namedAt(
  reading: Reading,
  place: Place,
  tag: string,
): { entry: Entry; values: string[]; isExact: boolean; isName: boolean } | null {
  const hits = tags(tag, 'v').flatMap((at) => reading.tagged.values[at] ?? []);
  if (tag.startsWith('{v')) {
    const hit = hits.find(({ entry }) => entry.place === place);
    const isName =
      hit !== undefined &&
      (hit.entry === displayOf(reading.scope, place) || CODES.test(hit.entry.column.name));
    return hit ? { entry: hit.entry, values: [hit.value], isExact: true, isName } : null;
  }
  const entry = columnFor(reading, place, tag);
  const value = textOf(reading, tag);
  return entry && value !== null ? { entry, values: [value], isExact: false, isName: true } : null;
}

const CODES = /iata|icao|code|symbol|ticker|abbr/i;

/** Codes are of a column of codes, names of the one that names. */
function columnFor(reading: Reading, place: Place, tag: string): Entry | null {
  const isCode = /^[A-Z0-9]{2,6}$/.test(textOf(reading, tag) ?? '');
  const code = reading.scope.entries.find((entry) => entry.place === place && CODES.test(entry.column.name));
  return isCode && code ? code : displayOf(reading.scope, place);
}

function textOf(reading: Reading, tag: string): string | null {
  const [, kind, at] = /\{([fq])(\d+)\}/.exec(tag) ?? [];
  if (kind === undefined) return null;
  return (kind === 'f' ? reading.tagged.names[Number(at)] : reading.prepared.quotes[Number(at)]) ?? null;
}
