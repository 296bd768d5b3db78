import type { Filter } from '../draft.ts';
import { displayOf, type Entry } from '../link/scope.ts';
import { usState } from '../link/us-states.ts';
import type { ValueHit } from '../link/value-match.ts';
import {
  C,
  columnSlot,
  E,
  F,
  IS,
  NOT,
  P,
  pick,
  pickPlace,
  Q,
  type Reading,
  rule,
  tags,
  V,
} from './reading.ts';

const LITERAL = `(?:${Q}|${F}|${V})`;
const LIST = `(?:either )?${LITERAL}(?:(?: (?:,|or|and|vs|versus|&|nor))+ ${LITERAL})*`;
const PREPOSITION =
  'in|at|from|to|by|for|of|with|on|into|near|during|departing|leaving|arriving|against|within|about|only|just';

/** Filters on texts: values known from samples, quoted texts, proper names beside a column; lists, negations, parts of texts, nothing. */
export function readValues(reading: Reading): void {
  readParts(reading);
  readEmpty(reading);
  rule(
    reading,
    `(?<c>${C})(?: ${IS}){0,2}(?: (?<not>${NOT}))?(?: ${IS}| either){0,2} (?<list>${LIST})`,
    ({ c = '', not, list = '' }) => onColumn(reading, c, list, not !== undefined),
  );
  rule(reading, `(?<not>(?:${NOT}) )?(?<list>${LIST}) (?<c>${C})`, ({ c = '', not, list = '' }) => {
    if (/\{[fq]/.test(list) && !/\{v/.test(list)) {
      const slot = columnSlot(reading, c);
      return slot?.candidates[0]?.entry.kind === 'text'
        ? onColumn(reading, c, list, not !== undefined)
        : false;
    }
    return onColumn(reading, c, list, not !== undefined);
  });
  rule(
    reading,
    `(?<not>${NOT} (?:\\w+ ){0,2}?)?(?:(?<prep>${PREPOSITION}) )?(?<list>${LIST})`,
    ({ not, prep, list = '' }) => onAny(reading, list, prep?.toLowerCase(), not !== undefined),
  );
}

function readParts(reading: Reading): void {
  const how = {
    contains: 'contains?|containing|includes?|including|like|has|with|mentions?|mentioning',
    starts: '(?:starts?|starting|begins?|beginning) with',
    ends: '(?:ends?|ending) (?:with|in)',
  } as const;
  for (const kind of ['starts', 'ends', 'contains'] as const) {
    const words = `(?:that |which |whose |do |does )*(?<not>not )?(?:${how[kind]})(?: (?:letters?|word|words|text|phrase|string))?`;
    const value = kind === 'contains' ? Q : `(?:${Q}|${F}|\\p{L}{1,3}(?= |$))`;
    const named = kind === 'contains' ? `(?:${Q}|${F}|${V})` : value;
    rule(
      reading,
      `(?<on>${C}|${E}|${P})(?: ${IS})?(?: names?)? ${words} (?<value>${/has|with/.test(words) ? value : named})`,
      (found) => {
        const entry = textColumn(reading, found.on ?? '');
        const [text] = literals(reading, found.value ?? '');
        if (!entry || text === undefined) return false;
        reading.draft.filters.push({
          kind: 'text',
          entry,
          how: kind,
          value: text,
          isNegated: found.not !== undefined,
        });
        return true;
      },
    );
  }
}

function textColumn(reading: Reading, tag: string): Entry | null {
  if (tag.startsWith('{c')) return pick(reading, tag, ['text']);
  const place = tag.startsWith('{p') ? pickPlace(reading, tag) : reading.scope.root;
  const entry = place && displayOf(reading.scope, place);
  return entry?.kind === 'text' ? entry : null;
}

function readEmpty(reading: Reading): void {
  const nothing = '(?:null|missing|empty|unknown|blank|unset|not (?:set|known|given|recorded|available))';
  const add = (tag: string, isNegated: boolean) => {
    const entry = pick(reading, tag);
    if (!entry || entry.column.samples.some((sample) => /^(?:unknown|missing|empty)$/i.test(sample)))
      return false;
    reading.draft.filters.push({ kind: 'empty', entry, isNegated });
    return true;
  };
  rule(reading, `(?<c>${C}) (?:is|are|was|were) (?<not>not )?${nothing}`, ({ c = '', not }) =>
    add(c, not !== undefined),
  );
  rule(
    reading,
    `(?:with|where|has|have|having)? ?(?<not>non )?(?:missing|null|empty|blank|unknown) (?<c>${C})`,
    ({ c = '', not }) => add(c, not !== undefined),
  );
  rule(
    reading,
    `(?:without|with no|have no|has no|had no|lacking|missing|lack)(?: (?:any|known|recorded))? (?<c>${C})`,
    ({ c = '' }) => {
      const isNumber = columnSlot(reading, c)?.candidates[0]?.entry.kind === 'number';
      const isNullable = columnSlot(reading, c)?.candidates[0]?.entry.column.nullable;
      return isNumber && isNullable === false ? false : add(c, false);
    },
  );
  rule(reading, `(?:with|have|has|having) (?:known|recorded|non null|any) (?<c>${C})`, ({ c = '' }) =>
    add(c, true),
  );
}

function onColumn(reading: Reading, tag: string, list: string, isNegated: boolean): boolean {
  const slot = columnSlot(reading, tag);
  const hits = tags(list, 'v').map((at) => reading.tagged.values[at] ?? []);
  const entries = (slot?.candidates ?? []).map(({ entry }) => entry);
  if (hits.length > 0) {
    const entry = entries.find((one) => hits.every((of) => of.some((hit) => hit.entry === one)));
    if (!entry) return false;
    const values = hits.flatMap((of) => of.find((hit) => hit.entry === entry)?.value ?? []);
    const others = literals(reading, list.replaceAll(new RegExp(V, 'g'), ''));
    addIn(reading, entry, [...values, ...others], isNegated, others.length === 0);
    return true;
  }
  const entry = pick(reading, tag, ['text']);
  if (!entry) return false;
  addIn(reading, entry, literals(reading, list), isNegated, false);
  return true;
}

/** Values with no column beside them: each on the column that holds it. */
function onAny(
  reading: Reading,
  list: string,
  prep: string | undefined,
  isNegated: boolean,
): string | boolean {
  const groups = new Map<Entry, string[]>();
  for (const at of tags(list, 'v')) {
    const hit = bestHit(reading, reading.tagged.values[at] ?? [], prep, [...groups.keys()]);
    if (hit) groups.set(hit.entry, [...(groups.get(hit.entry) ?? []), hit.value]);
  }
  for (const [entry, values] of groups) addIn(reading, entry, values, isNegated, true);
  const names = [...tags(list, 'f').map((at) => `{f${at}}`), ...tags(list, 'q').map((at) => `{q${at}}`)];
  if (names.length === 0) return true;
  const entry =
    groups.keys().next().value ?? guessColumn(reading, prep, literals(reading, names[0] ?? '')[0] ?? '');
  if (!entry) return groups.size > 0 ? names.join(' ') : false;
  const known = groups.get(entry);
  if (known) replaceIn(reading, entry, [...known, ...literals(reading, names.join(' '))]);
  else addIn(reading, entry, literals(reading, names.join(' ')), isNegated, false);
  return true;
}

const ROLES = {
  from: /origin|source|start|from|depart/i,
  to: /dest|target|end|arriv|^to/i,
} as const;

function bestHit(
  reading: Reading,
  hits: readonly ValueHit[],
  prep: string | undefined,
  used: readonly Entry[],
): ValueHit | null {
  const side =
    prep && /^(?:from|departing|leaving)$/.test(prep)
      ? 'from'
      : prep && /^(?:to|into|arriving)$/.test(prep)
        ? 'to'
        : null;
  const directed = side ? hits.filter(({ entry }) => ROLES[side].test(roleText(entry))) : [];
  const fit = directed.length > 0 ? directed : hits;
  const [best] = fit;
  if (!best) return null;
  const again = fit.find(({ entry }) => used.includes(entry));
  if (again) return again;
  const equal = fit.filter((hit) => best.score - hit.score < 0.015);
  if (equal.length > 1)
    reading.ambiguous.push({ words: best.value, entries: equal.map(({ entry }) => entry) });
  return best;
}

function roleText(entry: Entry): string {
  return [...(entry.place.via?.columns ?? []), entry.column.name].join(' ');
}

const PLACES = /city|town|state|province|country|region|county|location|place|district|territory|area/i;
const PERSONS =
  /author|director|owner|manager|artist|writer|creator|person|employee|rep|agent|customer|company|brand|maker|publisher|distributor/i;

/** For a name in no sample: the one column it can be of, by the word before it; else the names of the rows themselves. */
function guessColumn(reading: Reading, prep: string | undefined, name: string): Entry | null {
  const open = reading.scope.entries.filter(
    (entry) =>
      entry.kind === 'text' &&
      entry.column.samples.length === 0 &&
      !/(?:^|_)(?:id|uuid)$/i.test(entry.column.name),
  );
  const side =
    prep === undefined
      ? null
      : /^(?:from|departing|leaving)$/.test(prep)
        ? ROLES.from
        : /^(?:to|into|arriving)$/.test(prep)
          ? ROLES.to
          : null;
  const sided = side ? nearest(open.filter((entry) => side.test(roleText(entry)))) : [];
  const states = usState(name) ? nearest(open.filter((entry) => /state/i.test(entry.column.name))) : [];
  if (states.length > 0)
    return one(
      reading,
      states.some((entry) => sided.includes(entry))
        ? states.filter((entry) => sided.includes(entry))
        : states,
      name,
    );
  if (sided.length > 0 && isCode(name)) return one(reading, sided, name);
  const wanted =
    prep && /^(?:in|at|from|to|near|into|within)$/.test(prep) ? PLACES : prep === 'by' ? PERSONS : null;
  const fit = wanted
    ? nearest(
        (sided.length > 0 ? open.filter((entry) => side?.test(roleText(entry))) : open).filter((entry) =>
          wanted.test(entry.column.name),
        ),
      )
    : [];
  if (fit.length > 0) return one(reading, fit, name);
  if (sided.length > 0) return one(reading, sided, name);
  if (wanted === PLACES) return null;
  const shown = tags(reading.text, 'c').flatMap(
    (at) => reading.tagged.columns[at]?.candidates[0]?.entry ?? [],
  );
  const owners = nearest(open.filter((entry) => PERSONS.test(entry.column.name) && !shown.includes(entry)));
  if (owners.length === 1) return owners[0] ?? null;
  const isOf = prep !== undefined && /^(?:of|for|about|with)$/.test(prep);
  for (const place of isOf ? [reading.scope.root, ...mentioned(reading)] : mentioned(reading)) {
    const display = displayOf(reading.scope, place);
    if (display?.kind === 'text' && open.includes(display) && !shown.includes(display)) return display;
  }
  return null;
}

function isCode(name: string): boolean {
  return /^[A-Z0-9]{2,5}$/.test(name);
}

function nearest(entries: readonly Entry[]): Entry[] {
  const least = Math.min(...entries.map((entry) => entry.place.hops));
  return entries.filter((entry) => entry.place.hops === least);
}

function one(reading: Reading, fit: readonly Entry[], name: string): Entry | null {
  if (fit.length > 1) reading.ambiguous.push({ words: name, entries: [...fit] });
  return fit[0] ?? null;
}

function mentioned(reading: Reading) {
  return tags(reading.text, 'p').flatMap((at) => reading.tagged.parents[at]?.places[0] ?? []);
}

function literals(reading: Reading, list: string): string[] {
  return [...list.matchAll(/\{([qfv])(\d+)\}|([\p{L}]+)/gu)].flatMap(([, kind, at, word]) => {
    if (word) return /^(?:and|or|vs|versus|either|nor)$/i.test(word) ? [] : [word];
    const text =
      kind === 'q'
        ? reading.prepared.quotes[Number(at)]
        : kind === 'f'
          ? reading.tagged.names[Number(at)]
          : reading.tagged.values[Number(at)]?.[0]?.value;
    return text === undefined ? [] : [text];
  });
}

function addIn(reading: Reading, entry: Entry, values: string[], isNegated: boolean, isExact: boolean): void {
  if (!isExact && /state/i.test(entry.column.name))
    values = values.flatMap((value) => [value, usState(value) ?? []].flat());
  const same = reading.draft.filters.find(
    (filter) => filter.kind === 'in' && filter.entry === entry && filter.isNegated === isNegated,
  );
  if (same?.kind === 'in') same.values.push(...values);
  else reading.draft.filters.push({ kind: 'in', entry, values, isNegated, isExact });
}

function replaceIn(reading: Reading, entry: Entry, values: string[]): void {
  reading.draft.filters = reading.draft.filters.map(
    (filter): Filter =>
      filter.kind === 'in' && filter.entry === entry ? { ...filter, values, isExact: false } : filter,
  );
}
