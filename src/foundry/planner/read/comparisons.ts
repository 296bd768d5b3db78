import type { Comparator } from '../draft.ts';
import { kindless } from './concepts.ts';
import { AGGREGATE, measureOf } from './measure-phrase.ts';
import { C, columnSlot, E, N, numberOf, P, pick, type Reading, rule, VERB } from './reading.ts';

const OPS: readonly (readonly [Comparator, string])[] = [
  ['>=', 'at least|no less than|not less than|greater than or equal to|more than or equal to|minimum of|>='],
  ['<=', 'at most|no more than|not more than|less than or equal to|up to|maximum of|not exceeding|<='],
  ['>', '(?:more|greater|higher|larger|bigger|better) than|over|above|exceeding|exceeds?|exceeded|beyond|>'],
  ['<', '(?:less|fewer|lower|smaller|worse) than|under|below|<'],
  ['<>', 'not equal to|other than|not|!=|<>'],
  ['=', 'exactly|equal to|equals|precisely|='],
];
const CMP = `(?:${OPS.map(([, words]) => words).join('|')})`;
const OR_MORE = '(?:or|and) (?:more|above|higher|greater|over|less|fewer|below|lower|under)';
const BE = '(?:is|are|was|were|has|have|had|be|by|that|which|of|with|whose|costs?)';
const UNITS =
  'minutes?|mins?|hours?|seconds?|miles?|km|kilometers?|meters?|metres?|feet|ft|dollars?|usd|euros?|eur|kg|lbs?|pounds?|knots?|degrees?|percent|points?|stars?|units?|times?';

/** Filters on numbers, and on what groups have: "over 100", "between 5 and 10", "airlines with more than 100 flights". */
export function readComparisons(reading: Reading): void {
  rule(reading, `(?<n>${N}) (?:${UNITS})(?: long)?`, ({ n = '' }) => n);
  rule(reading, `(?<n>${N}) (?:${C})(?= (?:,|and|or|in|by|per|\\{|$)|$)`, ({ n = '' }, whole) =>
    unitOf(reading, n, whole),
  );
  readHaving(reading);
  readRanges(reading);
  rule(reading, `(?<c>${C})(?: ${BE}){0,2} (?<op>${CMP}) (?<n>${N})`, ({ c = '', op = '', n }) =>
    compare(reading, c, opOf(op), n),
  );
  rule(reading, `(?<c>${C})(?: ${BE}){0,2} (?<n>${N}) (?<more>${OR_MORE})`, ({ c = '', n, more = '' }) =>
    compare(reading, c, opOfMore(more), n),
  );
  rule(
    reading,
    `(?:${BE} )?(?<n>${N}) (?<more>${OR_MORE})(?: of| in)? (?<c>${C})`,
    ({ c = '', n, more = '' }) => compare(reading, c, opOfMore(more), n),
  );
  rule(reading, `(?:${BE} )?(?<op>${CMP}) (?<n>${N})(?: of| in)? (?<c>${C})`, ({ c = '', op = '', n }) =>
    compare(reading, c, opOf(op), n),
  );
  rule(reading, `(?:with|having|have|has) (?<n>${N}) (?<c>${C})`, ({ c = '', n }) =>
    compare(reading, c, '=', n),
  );
  rule(reading, `(?<c>${C}) (?:(?:is|are|was|were|equals|equal to|of|=|in) )?(?<n>${N})`, ({ c = '', n }) =>
    compare(reading, c, '=', n),
  );
  readBareAmounts(reading);
  rule(reading, `(?<sign>positive|negative|non zero|nonzero) (?<c>${C})`, ({ sign = '', c = '' }) =>
    signed(reading, sign, c),
  );
  rule(reading, `(?<c>${C}) (?:is|are|was|were) (?<sign>positive|negative|zero)`, ({ sign = '', c = '' }) =>
    signed(reading, sign, c),
  );
}

function readHaving(reading: Reading): void {
  const subject = `(?:${C}|${P})`;
  const add = (phrase: string, op: Comparator, n: string | undefined) => {
    const measure = measureOf(reading, phrase);
    const value = numberOf(reading, n);
    if (!measure || value === null) return false;
    reading.draft.having.push({ measure, op, value });
    return '{h0}';
  };
  rule(
    reading,
    `(?<s>${subject}) (?:(?:with|having|that|which|who|whose|and|have|has|had|where|${VERB}) )*(?<op>${CMP}) (?<n>${N}) (?<m>${E}|${P}|${C})`,
    ({ s, op = '', n, m = '' }) => {
      if (m.startsWith('{c') && pick(reading, m, ['number'])) return false;
      const made = add(`number of ${m}`, opOf(op), n);
      return made === false ? false : `${s} ${made}`;
    },
  );
  rule(
    reading,
    `(?<s>${subject}) (?:(?:with|having|that|which|who|whose|and|have|has|had|where|${VERB}) )*(?<n>${N}) (?<more>${OR_MORE}) (?<m>${E}|${P})`,
    ({ s, n, more = '', m = '' }) => {
      const made = add(`number of ${m}`, opOfMore(more), n);
      return made === false ? false : `${s} ${made}`;
    },
  );
  rule(
    reading,
    `(?<m>(?!how)${AGGREGATE} (?:of )?(?:${E} )?(?:${C}|${E}|${P}))(?: ${BE}){0,2} (?<op>${CMP}) (?<n>${N})`,
    ({ m = '', op = '', n }) => add(m, opOf(op), n),
  );
  rule(
    reading,
    `(?<op>${CMP}) (?<n>${N}) (?:in )?(?<m>(?:total|average|combined) ${C})`,
    ({ m = '', op = '', n }) => add(m, opOf(op), n),
  );
}

/** "orders over 1500": where the rows have one amount only. */
function readBareAmounts(reading: Reading): void {
  const amounts = reading.scope.entries.filter(
    (entry) =>
      entry.place.hops === 0 &&
      entry.kind === 'number' &&
      /amount|total|price|value|cost|revenue|salary/i.test(entry.column.name),
  );
  const [entry] = amounts;
  if (!entry || amounts.length > 1) return;
  const add = (op: Comparator, n: string | undefined) => {
    const value = numberOf(reading, n);
    if (value !== null) reading.draft.filters.push({ kind: 'compare', entry, op, value });
    return value !== null;
  };
  rule(
    reading,
    `(?<e>${E})(?: ${BE})? between (?<low>${N}) (?:and|to) (?<high>${N})(?! \\{)`,
    ({ e, low, high }) => add('>=', low) && add('<=', high) && (e ?? true),
  );
  rule(
    reading,
    `(?<e>${E})(?: ${BE})? (?<op>${CMP}) (?<n>${N})(?! (?:\\{[cep]|\\p{L}+s(?:$|\\s)))`,
    ({ e, op = '', n }) => add(opOf(op), n) && (e ?? true),
  );
}

function readRanges(reading: Reading): void {
  const range = (c: string, not: string | undefined, low: string | undefined, high: string | undefined) => {
    const entry = pick(reading, c, ['number']);
    const [from, to] = [numberOf(reading, low), numberOf(reading, high)];
    if (!entry || from === null || to === null || not) return false;
    reading.draft.filters.push({ kind: 'compare', entry, op: '>=', value: Math.min(from, to) });
    reading.draft.filters.push({ kind: 'compare', entry, op: '<=', value: Math.max(from, to) });
    return true;
  };
  const between = `(?:(?<not>not) )?(?:between|from|in range|range) (?<low>${N}) (?:and|to|-) (?<high>${N})`;
  rule(reading, `(?<c>${C})(?: ${BE}){0,2} ${between}`, ({ c = '', not, low, high }) =>
    range(c, not, low, high),
  );
  rule(reading, `${between}(?: of)? (?<c>${C})`, ({ c = '', not, low, high }) => range(c, not, low, high));
}

function compare(reading: Reading, tag: string, op: Comparator, n: string | undefined): boolean {
  const entry = pick(reading, tag, ['number']);
  const value = numberOf(reading, n);
  if (!entry || value === null) return textNumber(reading, tag, op, n);
  reading.draft.filters.push({ kind: 'compare', entry, op, value });
  return true;
}

/** Codes of digits kept as text: zip code 00501. */
function textNumber(reading: Reading, tag: string, op: Comparator, n: string | undefined): boolean {
  const entry = pick(reading, tag, ['text']);
  const at = Number(/\d+/.exec(n ?? '')?.[0]);
  const raw = reading.prepared.numbers[at]?.raw;
  if (!entry || raw === undefined || (op !== '=' && op !== '<>')) return false;
  reading.draft.filters.push({ kind: 'in', entry, values: [raw], isNegated: op === '<>', isExact: false });
  return true;
}

function signed(reading: Reading, sign: string, tag: string): boolean {
  const entry = pick(reading, tag, ['number']);
  if (!entry) return false;
  const op = /^pos/i.test(sign) ? '>' : /^neg/i.test(sign) ? '<' : /^zero/i.test(sign) ? '=' : '<>';
  reading.draft.filters.push({ kind: 'compare', entry, op, value: 0 });
  return true;
}

/** "over 15 minutes" where "minutes" also fits a column: it is the unit when another column stands before the number. */
function unitOf(reading: Reading, n: string, whole: string): string | boolean {
  const tag = /\{c\d+\}/.exec(whole)?.[0] ?? '';
  const isUnit = new RegExp(`^(?:${UNITS})$`, 'i').test(columnSlot(reading, tag)?.words ?? '');
  const before = reading.text.slice(0, reading.text.indexOf(n));
  return isUnit && /\{c\d+\}/.test(before) && kindless(reading, before) ? n : false;
}

function opOf(words: string): Comparator {
  return OPS.find(([, known]) => new RegExp(`^(?:${known})$`, 'i').test(words))?.[0] ?? '=';
}

function opOfMore(words: string): Comparator {
  return /more|above|higher|greater|over/i.test(words) ? '>=' : '<=';
}
