import type { Group } from '../draft.ts';
import { AGGREGATE, measureOf } from './measure-phrase.ts';
import { B, C, columnSlot, E, P, pick, pickPlace, type Reading, rule, tags } from './reading.ts';
import { bucketOf } from './times.ts';

/** What is counted, summed, averaged. After values, comparisons, orders and groups have been taken out. */
export function readMeasures(reading: Reading): void {
  const { draft } = reading;
  const grouped = /\{h0\}/.test(reading.text);
  if (grouped) readSubjectOfHaving(reading);
  const add = (phrase: string) => {
    const measure = measureOf(reading, phrase);
    if (!measure) return false;
    if (!draft.measures.some((known) => known.fn === measure.fn && known.entry === measure.entry))
      draft.measures.push(measure);
    return true;
  };
  rule(reading, 'how (?:long|far|old|big|high|large|tall|heavy|fast|expensive)', () => true);
  rule(reading, `on average(?<rest>.*?)(?<c>${C})`, ({ rest = '', c = '' }) =>
    add(`average ${c}`) ? rest : false,
  );
  rule(reading, `(?<c>${C})(?<rest>[^{]*) on average`, ({ rest = '', c = '' }) =>
    add(`average ${c}`) ? rest : false,
  );
  rule(
    reading,
    `(?<a>${AGGREGATE}) (?:and|,|or|&) (?<b>${AGGREGATE})(?: of)? (?<c>${C})`,
    ({ a = '', b = '', c = '' }) => add(`${a} ${c}`) && add(`${b} ${c}`),
  );
  rule(reading, `(?:how many|number of|count of|count) (?<b>${B})`, ({ b = '' }) => countDays(reading, b));
  rule(
    reading,
    `(?<m>${AGGREGATE} (?:of )?(?:all )?(?:(?:total|average|distinct|different|unique|overall|${E}) )*(?:${C}|${E}|${P}))(?<more>(?: ,| and)+ ${C})*`,
    ({ m = '', more }) => {
      const made = add(m);
      if (!made || !more) return made;
      const word = m.replace(/\{\w+\}.*$/, '');
      return tags(more, 'c').every((at) => add(`${word}{c${at}}`));
    },
  );
  rule(reading, `(?:distinct|unique|different) (?<c>${C})`, ({ c = '' }) => {
    const entry = pick(reading, c);
    if (!entry || draft.measures.length > 0) return false;
    draft.columns.push(entry);
    draft.isDistinct = true;
    return true;
  });
  rule(reading, `(?:how many|count|number)(?! of)`, () =>
    draft.measures.length === 0 ? add('number of {e0}') : true,
  );
  if (draft.measures.length === 0 && draft.order === null) readTotals(reading, add);
  if (draft.groups.length > 0 && draft.measures.length === 0) readPlainMeasure(reading, add);
}

/** "total order amount" of a column total_amount. */
function readTotals(reading: Reading, add: (phrase: string) => boolean): void {
  rule(reading, `(?<c>${C})`, ({ c = '' }) => {
    const isTotal = /^total /i.test(columnSlot(reading, c)?.words ?? '');
    return isTotal && pick(reading, c, ['number']) !== null && add(`total ${c}`);
  });
}

/** "how many days": different dates. */
function countDays(reading: Reading, tag: string): boolean {
  const bucket = bucketOf(reading, tag);
  if (bucket?.unit !== 'day' || !/^date$/i.test(bucket.entry.column.type)) return false;
  reading.draft.measures.push({ fn: 'distinct', entry: bucket.entry, share: null, where: [] });
  return true;
}

/** "airlines with more than 100 flights": groups are listed, or counted. */
function readSubjectOfHaving(reading: Reading): void {
  const { draft } = reading;
  rule(
    reading,
    `(?<many>how many|number of|count)? ?(?<s>${C}|${P})(?: \\w+){0,2} \\{h0\\}`,
    ({ many, s = '' }) => {
      if (draft.groups.length > 0) return s;
      const place = s.startsWith('{p') ? pickPlace(reading, s) : null;
      const entry = place ? null : pick(reading, s, ['text', 'boolean', 'number']);
      const group: Group | null = place ? { kind: 'place', place } : entry && { kind: 'column', entry };
      if (!group) return false;
      draft.groups.push(group);
      draft.countGroups = many !== undefined;
      const [first] = draft.having;
      if (first) draft.measures.push(first.measure);
      return true;
    },
  );
  rule(reading, '\\{h0\\}', () => true);
}

/** "revenue by region": with no word for how, the natural one. */
function readPlainMeasure(reading: Reading, add: (phrase: string) => boolean): void {
  rule(reading, `(?<c>${C})`, ({ c = '' }) => (pick(reading, c, ['number']) ? add(c) : false));
  if (reading.draft.measures.length === 0) rule(reading, `(?<e>${E})`, ({ e = '' }) => add(e));
}
