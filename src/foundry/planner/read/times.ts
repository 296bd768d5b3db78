import type { BucketUnit } from '../draft.ts';
import { BUCKET_WORDS } from '../link/keywords.ts';
import type { Entry } from '../link/scope.ts';
import { type TimeSpan, yearSpan } from '../question/dates.ts';
import { C, columnSlot, N, pick, type Reading, rule, T, tags } from './reading.ts';

const ADVERBS: Readonly<Record<string, string>> = {
  hourly: 'hour',
  daily: 'day',
  weekly: 'week',
  monthly: 'month',
  quarterly: 'quarter',
  yearly: 'year',
  annual: 'year',
  annually: 'year',
};

/** "by month", "per day", "monthly", "over time": words for a length of time become `{b0}`; a column of that name stays a column. */
export function readBuckets(reading: Reading): void {
  const bucket = (unit: string, entry: Entry | null) =>
    `{b${reading.buckets.push({ unit: unitOf(unit), entry }) - 1}}`;
  rule(reading, `(?<c>${C})`, ({ c = '' }) => {
    const slot = columnSlot(reading, c);
    const word = slot?.words.toLowerCase() ?? '';
    const [best] = slot?.candidates ?? [];
    if (!BUCKET_WORDS.has(word) || !best) return false;
    if (best.entry.kind === 'time') return bucket(word, best.entry);
    return best.score < 0.9 && mainTime(reading.scope.entries, reading) ? bucket(word, null) : false;
  });
  rule(reading, `(?<c>${C}) (?<word>hour|day|week|month|quarter|year)s?`, ({ c = '', word = '' }) => {
    const entry = pick(reading, c, ['time']);
    return entry ? bucket(word, entry) : false;
  });
  rule(reading, '(?<word>hourly|daily|weekly|monthly|quarterly|yearly|annual(?:ly)?)', ({ word = '' }) => {
    return `per ${bucket(ADVERBS[word.toLowerCase()] ?? 'month', null)}`;
  });
  rule(
    reading,
    '(?<by>by|per|each|every|which|what|over|for) (?<word>hour|day|week|month|quarter|year)s?',
    (found) => {
      return `${found.by} ${bucket(found.word ?? '', null)}`;
    },
  );
  rule(
    reading,
    '(?<a>hour|day|week|month|quarter|year)s? (?:by|over|on) \\k<a>',
    ({ a = '' }) => `per ${bucket(a, null)}`,
  );
  rule(reading, '(?<word>hour|day|week|month|quarter|year)s?(?= with| had| has| saw)', ({ word = '' }) =>
    bucket(word, null),
  );
  rule(reading, '(?:over time|trend(?: of| in)?)', () =>
    /\{b\d+\}/.test(reading.text) ? true : `per ${bucket('month', null)}`,
  );
}

/** Stretches of time: on the column named beside them, else on the one that says when. */
export function readTimes(reading: Reading): void {
  const take = (entry: Entry, at: string | undefined) => addSpans(reading, entry, at);
  rule(reading, `(?<c>${C})(?: (?:is|was|were|date|on|happened))? (?<t>${T})`, ({ c = '', t }) => {
    const entry = pick(reading, c, ['time']) ?? yearColumn(reading, c);
    if (!entry) return false;
    take(entry, t);
    return true;
  });
  rule(reading, `(?<t>${T})`, ({ t }) => {
    const entry = whenColumn(reading);
    if (!entry) {
      const phrase = reading.prepared.times[tags(t, 't')[0] ?? -1]?.phrase;
      reading.problems.push(`"${phrase}" needs a date, and ${reading.scope.root.table.name} has none`);
      return true;
    }
    take(entry, t);
    return true;
  });
}

/** A year alone that nothing else took: "2024 revenue". */
export function readBareYears(reading: Reading): void {
  rule(reading, `(?<n>${N})`, ({ n }) => {
    const raw = reading.prepared.numbers[tags(n, 'n')[0] ?? -1]?.raw ?? '';
    const entry = /^(?:19|20)\d\d$/.test(raw) ? whenColumn(reading) : null;
    if (!entry) return false;
    addSpan(reading, entry, yearSpan(Number(raw)));
    return true;
  });
}

/** The column that says when: of the rows themselves, else of what they belong to. */
export function whenColumn(reading: Reading): Entry | null {
  return mainTime(reading.scope.entries, reading) ?? yearOf(reading.scope.entries);
}

export function bucketOf(reading: Reading, tag: string): { unit: BucketUnit; entry: Entry } | null {
  const slot = reading.buckets[tags(tag, 'b')[0] ?? -1];
  const entry = slot?.entry ?? mainTime(reading.scope.entries, reading);
  return slot && entry ? { unit: slot.unit, entry } : null;
}

/** For `{b}` where only a column of years is: that column. */
export function bucketAsColumn(reading: Reading, tag: string): Entry | null {
  const slot = reading.buckets[tags(tag, 'b')[0] ?? -1];
  return slot?.unit === 'year' ? yearOf(reading.scope.entries) : null;
}

function addSpans(reading: Reading, entry: Entry, at: string | undefined): void {
  const span = reading.prepared.times[tags(at, 't')[0] ?? -1];
  if (span) addSpan(reading, entry, span);
}

function addSpan(reading: Reading, entry: Entry, span: TimeSpan): void {
  if (entry.kind === 'time') {
    reading.draft.filters.push({ kind: 'time', entry, span });
    return;
  }
  if (span.month !== null || !isYears(span)) {
    reading.problems.push(`"${span.phrase}" needs a date, and ${entry.column.name} holds years`);
    return;
  }
  const [from, to] = [span.from, span.to].map((day) => (day === null ? null : Number(day.slice(0, 4))));
  if (from !== null && from !== undefined && to === from + 1) {
    reading.draft.filters.push({ kind: 'compare', entry, op: '=', value: from });
    return;
  }
  if (typeof from === 'number') reading.draft.filters.push({ kind: 'compare', entry, op: '>=', value: from });
  if (typeof to === 'number') reading.draft.filters.push({ kind: 'compare', entry, op: '<', value: to });
}

function isYears(span: TimeSpan): boolean {
  return [span.from, span.to].every((day) => day === null || day.endsWith('-01-01'));
}

/** Numbers of this name beside a stretch of years are years. */
const IN_YEARS = /^(?:released|founded|born|built|established|died|published|opened|season)$/i;

function yearColumn(reading: Reading, tag: string): Entry | null {
  const entry = pick(reading, tag, ['number']);
  return entry && (/year/i.test(entry.column.name) || IN_YEARS.test(entry.column.name)) ? entry : null;
}

function yearOf(entries: readonly Entry[]): Entry | null {
  const years = entries
    .filter(
      (entry) =>
        entry.kind === 'number' &&
        /(?:^|[^a-z])(?:fiscal_?|calendar_?)?(?:year|yr|fy)$/i.test(entry.column.name),
    )
    .sort((a, b) => a.place.hops - b.place.hops);
  return years[0] ?? null;
}

const BOOKKEEPING = /load|ingest|sync|_sdc|extract|batch|updat|modif|chang|delet|birth|expir|due/i;

function mainTime(entries: readonly Entry[], reading: Reading): Entry | null {
  const times = entries.filter((entry) => entry.kind === 'time');
  const near = Math.min(...times.map((entry) => entry.place.hops));
  let fit = times.filter((entry) => entry.place.hops === near);
  const ordered = fit.filter((entry) => entry.place.table.timeColumn === entry.column.name);
  if (ordered[0]) return ordered[0];
  const business = fit.filter((entry) => !BOOKKEEPING.test(entry.column.name));
  if (business.length > 0) fit = business;
  const plain = fit.filter((entry) =>
    (entry.readings[0] ?? []).every(
      (word) => /^(?:dat|tim|timestamp|at|on|t|datetim|day)$/.test(word) || entry.place.names.includes(word),
    ),
  );
  if (plain.length === 1) return plain[0] ?? null;
  if (fit.length > 1) {
    const known = reading.ambiguous.some(({ words }) => words === 'the date');
    if (!known) reading.ambiguous.push({ words: 'the date', entries: fit });
  }
  return fit[0] ?? null;
}

function unitOf(word: string): BucketUnit {
  const unit = word.toLowerCase().replace(/s$/, '');
  const units: readonly BucketUnit[] = ['hour', 'day', 'week', 'month', 'quarter', 'year'];
  return units.find((known) => known === unit) ?? 'month';
}
