import { displayOf } from '../link/scope.ts';
import { EMPTY_WORDS, FAINT_WORDS } from '../words.ts';
import { C, E, P, pick, pickPlace, type Reading, rule, tags } from './reading.ts';

/** What is left: columns to show, tables named, and words nothing explains. */
export function readRest(reading: Reading): string[] {
  const { draft } = reading;
  const hasEntity = /\{e\d+\}/.test(reading.text);
  if (draft.measures.length === 0 && draft.groups.length === 0) {
    if (hasEntity) readAskedFor(reading);
    rule(reading, `(?<c>${C})`, ({ c = '' }) => {
      if (IDLE.test(reading.tagged.columns[tags(c, 'c')[0] ?? -1]?.words.toLowerCase() ?? '')) return true;
      const entry = pick(reading, c);
      if (entry?.kind === 'boolean' && hasEntity) {
        draft.filters.push({ kind: 'flag', entry, value: true });
        return true;
      }
      if (entry && !draft.columns.includes(entry)) draft.columns.push(entry);
      return entry !== null;
    });
    if (!hasEntity && draft.columns.length > 0 && draft.order === null) {
      const isList = draft.columns.every((entry) => entry.kind === 'text');
      draft.isDistinct ||= isList;
    }
    rule(reading, `(?<p>${P})`, ({ p = '' }) => {
      const place = pickPlace(reading, p);
      const display = place && displayOf(reading.scope, place);
      if (!display) return false;
      if (!hasEntity || draft.columns.length > 0) draft.columns.push(display);
      draft.isDistinct ||= !hasEntity && draft.order === null;
      return true;
    });
  }
  if (draft.measures.length > 0)
    rule(reading, `(?:of|for|across|in|from|over) all (?:${C}|${P})`, () => true);
  dropRepeats(reading);
  rule(reading, `(?:${E})`, () => true);
  return reading.text
    .split(' ')
    .filter((word) => word !== '' && !isIdle(word.toLowerCase()))
    .map((word) => spelled(reading, word));
}

/** "which companies have lost deals": not the deals are asked for. */
function readAskedFor(reading: Reading): void {
  const { draft } = reading;
  rule(
    reading,
    `(?:which|what|whose|list|show|find) (?:all )?(?<s>${C}|${P})(?= .*${E})(?! (?:and|,|of))`,
    ({ s = '' }) => {
      const place = s.startsWith('{p') ? pickPlace(reading, s) : null;
      const entry = place ? displayOf(reading.scope, place) : pick(reading, s, ['text']);
      if (!entry || draft.order !== null) return false;
      draft.columns.push(entry);
      draft.isDistinct = true;
      return true;
    },
  );
}

/** Verbs of being written down, beside words that say the rest. */
const IDLE =
  /^(?:releas(?:e|ed|es)|logged|published|made|issued|posted|stored|submitted|received|owns?|owned|sells?|sold|located|shown|struck|develop(?:ed)?|evolved?|placed|used|flown|generated|appear(?:s|ed)?)$/;

function isIdle(word: string): boolean {
  return EMPTY_WORDS.has(word) || FAINT_WORDS.has(word) || IDLE.test(word);
}

/** A column said again, which is already asked for: "how many bird strikes, by airline, for each airline". */
function dropRepeats(reading: Reading): void {
  const { draft } = reading;
  const used = new Set([
    ...draft.filters.map((filter) => filter.entry),
    ...draft.groups.flatMap((group) => (group.kind === 'place' ? [] : [group.entry])),
    ...draft.measures.flatMap((measure) => (measure.entry ? [measure.entry] : [])),
    ...draft.columns,
  ]);
  rule(reading, `(?<c>${C})`, ({ c = '' }) => {
    const slot = reading.tagged.columns[tags(c, 'c')[0] ?? -1];
    if (IDLE.test(slot?.words.toLowerCase() ?? '')) return true;
    return (slot?.candidates ?? []).some(({ entry }) => used.has(entry));
  });
  const places = new Set(draft.groups.flatMap((group) => (group.kind === 'place' ? [group.place] : [])));
  const held = new Set([...used].map((entry) => entry.place));
  rule(reading, `(?<p>${P})`, ({ p = '' }) => {
    const slot = reading.tagged.parents[tags(p, 'p')[0] ?? -1];
    return (slot?.places ?? []).some((place) => places.has(place) || held.has(place));
  });
}

function spelled(reading: Reading, word: string): string {
  const [, kind, at] = /^\{(\w)(\d+)\}$/.exec(word) ?? [];
  const index = Number(at);
  const { tagged, prepared } = reading;
  if (kind === 'c') return tagged.columns[index]?.words ?? word;
  if (kind === 'v') return tagged.values[index]?.[0]?.value ?? word;
  if (kind === 'f') return tagged.names[index] ?? word;
  if (kind === 'q') return prepared.quotes[index] ?? word;
  if (kind === 'n') return prepared.numbers[index]?.raw ?? word;
  if (kind === 't') return prepared.times[index]?.phrase ?? word;
  if (kind === 'p') return tagged.parents[index]?.words ?? word;
  return word;
}
