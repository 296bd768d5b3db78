import type { Measure } from '../draft.ts';
import { displayOf, type Entry } from '../link/scope.ts';
import { readGroup } from './groups.ts';
import { AGGREGATE, MEASURE, measureOf, naturalFn } from './measure-phrase.ts';
import { B, C, E, N, numberOf, P, pick, type Reading, rule, VERB } from './reading.ts';
import { whenColumn } from './times.ts';

const DESCENDING = 'most|highest|largest|biggest|greatest|maximum|max|best|top';
const ASCENDING = 'least|fewest|lowest|smallest|minimum|min|worst|bottom';
const SUP = `(?<sup>${DESCENDING}|${ASCENDING})`;
const LINK = `(?:is|are|was|were|has|have|had|with|having|did|do|does|that|which|who|by|there|on|in|of|ranked|based|according|to|terms|whose|and|where|,|sorted|${VERB}|\\{h\\d+\\})`;
const SUBJECT = `(?<s>${E}|${P}|${C}|${B})`;
const DEFAULT_TOP = 10;

/** Superlatives, top and bottom, latest and first, explicit orders. */
export function readOrders(reading: Reading): void {
  readLatestPer(reading);
  readLatest(reading);
  const frequent = '(?:most|least) (?:common|frequent|popular|frequently \\w+|often|commonly \\w+)|commonest';
  rule(
    reading,
    `(?:top )?(?<n>${N} )?(?<freq>${frequent}) (?<n2>${N} )?${SUBJECT}`,
    ({ n, n2, freq = '', s = '' }) =>
      rank(reading, s, countRows(), !/^least/i.test(freq), numberOf(reading, n ?? n2)),
  );
  rule(
    reading,
    `(?<way>top|bottom|best|worst)(?: (?<n>${N}))? ${SUBJECT}(?: ${LINK}){1,4} (?:(?:the )?(?:highest|lowest|most|fewest) )?(?<m>${MEASURE})`,
    ({ way = '', n, s = '', m = '' }) =>
      ranked(reading, s, m, /top|best/i.test(way), numberOf(reading, n), n === undefined),
  );
  rule(
    reading,
    `(?:(?<n>${N}) )?${SUBJECT}(?: ${LINK}){0,5} ${SUP}(?: (?<n2>${N}))? (?<m>${MEASURE})`,
    ({ n, n2, s = '', sup = '', m = '' }) =>
      ranked(reading, s, supMeasure(sup, m), isDescending(sup), numberOf(reading, n ?? n2), false, sup),
  );
  rule(
    reading,
    `(?:(?<n>${N}) )?${SUP}(?: (?<n2>${N}))? ${SUBJECT}(?: ${LINK}){1,3} (?<m>${MEASURE})`,
    ({ n, n2, sup = '', s = '', m = '' }) =>
      pick(reading, s, ['number']) && !s.startsWith('{e')
        ? false
        : ranked(reading, s, m, isDescending(sup), numberOf(reading, n ?? n2), false),
  );
  rule(
    reading,
    `(?:(?<n>${N}) )?(?<sup>most|least) \\p{L}+(?: (?<n2>${N}))? (?<s>${E}) by (?<m>${C})`,
    ({ n, n2, sup = '', s = '', m = '' }) =>
      ranked(reading, s, m, isDescending(sup), numberOf(reading, n ?? n2), false),
  );
  rule(
    reading,
    `(?:(?<n>${N}) )?${SUP}(?: (?<n2>${N}))? (?<m>${C}) (?<s>${E}|${P}|${C})`,
    ({ n, n2, sup = '', m = '', s = '' }) =>
      !/^(?:max|min)/i.test(sup) && pick(reading, m, ['number']) && !pick(reading, s, ['number'])
        ? ranked(reading, s, m, isDescending(sup), numberOf(reading, n ?? n2), false, sup)
        : false,
  );
  rule(
    reading,
    `(?:(?:and )?(?:ordered|sorted|ranked|order|sort|rank)(?: them| it| these| results)? by|by) (?<dir>descending|ascending|decreasing|increasing) (?<m>${MEASURE})`,
    ({ m = '', dir = '' }) => orderBy(reading, m, /^desc|^decr/i.test(dir)),
  );
  rule(
    reading,
    `(?:and )?(?:ordered|sorted|ranked|order|sort|rank)(?: them| it| these| results)? by (?<m>${MEASURE})(?: (?:in )?(?<dir>descending|ascending|desc|asc)(?: order)?)?`,
    ({ m = '', dir }, whole) => orderBy(reading, m, dir ? /^desc/i.test(dir) : /rank/i.test(whole)),
  );
  rule(reading, `(?:highest|largest|biggest|most|descending|desc|best) first`, () =>
    setDirection(reading, true),
  );
  rule(reading, `(?:lowest|smallest|fewest|ascending|asc|worst) first`, () => setDirection(reading, false));
  rule(reading, `(?:top|first|limit|only|just|sample of|any)(?: to)? (?<n>${N})`, ({ n }) =>
    setLimit(reading, n),
  );
  rule(reading, `(?<n>${N}) (?<s>${E})`, ({ n, s = '' }) => setLimit(reading, n) && s);
}

/** "latest price of each symbol": the last row of each, by time. */
function readLatestPer(reading: Reading): void {
  const each = '(?:(?:of|for|per|by|in|from) (?:each|every)|per|each|for all|of all)';
  rule(
    reading,
    `(?<way>latest|newest|most recent|last|current|first|earliest) (?<what>(?:${C}|${E})(?:(?: ,| and)+ ${C})*)(?: ${E})? ${each} (?<on>${C}|${P})`,
    ({ way = '', what = '', on = '' }) => {
      const time = whenColumn(reading);
      const group = readGroup(reading, on);
      if (!time || !group || group.kind === 'bucket') return false;
      const per = group.kind === 'column' ? group.entry : displayOf(reading.scope, group.place);
      if (!per) return false;
      const shown = [...what.matchAll(/\{c\d+\}/g)].flatMap(([tag]) => pick(reading, tag) ?? []);
      reading.draft.latest = { per, time, isFirst: /^(?:first|earliest)$/i.test(way) };
      reading.draft.columns.push(...(shown.length > 0 ? [per, ...shown, time] : []));
      return true;
    },
  );
}

function readLatest(reading: Reading): void {
  const late = 'latest|newest|most recent|last|recent|earliest|oldest|first';
  rule(
    reading,
    `(?:(?<n>${N}) )?(?<way>${late})(?: (?<n2>${N}))? (?<s>${E})(?: (?:by|per) (?<on>${C}))?`,
    ({ n, n2, way = '', s = '', on }) => {
      const named = on === undefined ? null : pick(reading, on, ['time']);
      const entry = named ?? whenColumn(reading);
      if (!entry || (on !== undefined && !named)) return false;
      const plural = isPlural(wordsOf(reading, s));
      reading.draft.order = { by: 'entry', entry, descending: !/earliest|oldest|first/i.test(way) };
      reading.draft.limit = numberOf(reading, n ?? n2) ?? (plural ? DEFAULT_TOP : 1);
      present(reading, entry);
      return s;
    },
  );
  rule(
    reading,
    `(?<way>latest|newest|most recent|last|earliest|oldest|first) (?<c>${C})`,
    ({ way = '', c = '' }) => {
      const entry = pick(reading, c, ['time']);
      return entry ? `${/earliest|oldest|first/i.test(way) ? 'minimum' : 'maximum'} ${c}` : false;
    },
  );
}

function ranked(
  reading: Reading,
  subject: string,
  phrase: string,
  descending: boolean,
  limit: number | null,
  isTop: boolean,
  sup = '',
): boolean {
  const isEntity = subject.startsWith('{e');
  const plural = isPlural(wordsOf(reading, subject));
  const most = limit ?? (isTop || plural ? DEFAULT_TOP : 1);
  const tag = [...phrase.matchAll(/\{[cep]\d+\}/g)].at(-1)?.[0] ?? '';
  const explicit = new RegExp(`^${AGGREGATE} `, 'i').test(phrase);
  if (isEntity && !explicit) {
    const entry = pick(reading, tag, ['number', 'time']);
    return entry !== null && rankRows(reading, entry, descending, most);
  }
  if (isEntity) {
    const entry = pick(reading, tag, ['number', 'time']);
    return (
      entry !== null &&
      !/^(?:average|median|number|how)/i.test(phrase) &&
      rankRows(reading, entry, descending, most)
    );
  }
  const extreme = /^(?:highest|largest|biggest|greatest|maximum|max|best)$/i.test(sup)
    ? 'max'
    : /^(?:lowest|smallest|minimum|min|worst)$/i.test(sup)
      ? 'min'
      : null;
  const isTotal = /^total/i.test(wordsOf(reading, tag));
  const own = isTellingOwnRow(reading, subject, tag);
  if (own) return rankRows(reading, own.entry, descending, most, own.subject);
  const measure = measureOf(reading, phrase, (entry) => (isTotal ? 'sum' : (extreme ?? naturalFn(entry))));
  return measure !== null && rank(reading, subject, measure, descending, most);
}

/** "which title has the highest gross": the subject tells the row, so rows are ranked. */
function isTellingOwnRow(
  reading: Reading,
  subject: string,
  tag: string,
): { entry: Entry; subject: Entry } | null {
  if (!subject.startsWith('{c') || !tag.startsWith('{c')) return null;
  const [own, entry] = [pick(reading, subject, ['text']), pick(reading, tag, ['number'])];
  const display = displayOf(reading.scope, reading.scope.root);
  const isKey = reading.scope.root.table.keys.some((key) => key.length === 1 && key[0] === own?.column.name);
  const isTitle = own !== null && own === display && /^(?:title|name)$/i.test(own.column.name);
  return own && entry && entry.place.hops === 0 && (isKey || isTitle) ? { entry, subject: own } : null;
}

function supMeasure(sup: string, phrase: string): string {
  return /^(?:max|min)/i.test(sup) && new RegExp(`^${C}$`).test(phrase) ? `${sup} ${phrase}` : phrase;
}

function rank(
  reading: Reading,
  subject: string,
  measure: Measure,
  descending: boolean,
  limit: number | null,
): boolean {
  const group = readGroup(reading, subject);
  if (!group) return false;
  const plural = isPlural(wordsOf(reading, subject));
  reading.draft.groups.unshift(group);
  reading.draft.measures.push(measure);
  if (group.kind === 'column') present(reading, group.entry);
  reading.draft.order = { by: 'measure', descending };
  reading.draft.limit = limit ?? (plural ? DEFAULT_TOP : 1);
  return true;
}

function rankRows(
  reading: Reading,
  entry: Entry,
  descending: boolean,
  limit: number,
  subject?: Entry,
): boolean {
  const display = subject ?? displayOf(reading.scope, reading.scope.root);
  reading.draft.columns.push(...[display, entry].filter((one): one is Entry => one !== null));
  reading.draft.order = { by: 'entry', entry, descending };
  reading.draft.limit = limit;
  present(reading, entry);
  return true;
}

/** What is ranked is known: stores differ in where they put nulls. */
function present(reading: Reading, entry: Entry): void {
  if (entry.column.nullable) reading.draft.filters.push({ kind: 'empty', entry, isNegated: true });
}

function orderBy(reading: Reading, phrase: string, descending: boolean): boolean {
  const tag = [...phrase.matchAll(/\{[cep]\d+\}/g)].at(-1)?.[0] ?? '';
  const entry = new RegExp(`^${C}$`).test(phrase) ? pick(reading, tag) : null;
  const isGrouped = new RegExp(
    `(?:by|per|each) (?:${C}|${P}|${B})|how many|average|total|number of`,
    'i',
  ).test(reading.text.replace(phrase, ''));
  reading.draft.order =
    entry && !isGrouped ? { by: 'entry', entry, descending } : { by: 'measure', descending };
  return true;
}

function setDirection(reading: Reading, descending: boolean): boolean {
  reading.draft.order = { ...(reading.draft.order ?? { by: 'measure' }), descending };
  return true;
}

function setLimit(reading: Reading, tag: string | undefined): boolean {
  const limit = numberOf(reading, tag);
  if (limit === null || !Number.isInteger(limit) || limit < 1) return false;
  reading.draft.limit = limit;
  return true;
}

function wordsOf(reading: Reading, tag: string): string {
  const [, kind, at] = /\{(\w)(\d+)\}/.exec(tag) ?? [];
  const { columns, entities, parents } = reading.tagged;
  const slot = kind === 'c' ? columns[Number(at)] : kind === 'e' ? entities[Number(at)] : parents[Number(at)];
  return kind === 'b' ? '' : (slot?.words ?? '');
}

function isPlural(words: string): boolean {
  return /[^s]s$/i.test(words) && !/(?:species|series|status|address)$/i.test(words);
}

function isDescending(sup: string): boolean {
  return new RegExp(`^(?:${DESCENDING})$`, 'i').test(sup);
}

function countRows(): Measure {
  return { fn: 'count', entry: null, share: null, where: [] };
}
