/** A stretch of time: `from` inclusive, `to` exclusive, `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SSZ`; null is open. Or a month of any year, 1 to 12. */
export interface TimeSpan {
  from: string | null;
  to: string | null;
  month: number | null;
  /** As the question says it. */
  phrase: string;
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';
interface Point {
  start: Date;
  end: Date;
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const YEAR = '(?:19|20)\\d\\d';
/** A date that cannot be anything else. */
const CLEAR = [
  `${YEAR}-\\d\\d-\\d\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d)?Z?)?`,
  `${YEAR}-\\d\\d(?!\\d)`,
  `${MONTH}\\.? \\d{1,2}(?:st|nd|rd|th)?,? ${YEAR}`,
  `\\d{1,2}(?:st|nd|rd|th)?(?: of)? ${MONTH},? ${YEAR}`,
  `${MONTH}(?: of)?,? ${YEAR}`,
  `q[1-4](?: of)? ?${YEAR}`,
  `${YEAR} q[1-4]`,
  `(?:first|second|third|fourth) quarter of ${YEAR}`,
  `fy ?${YEAR}`,
  `${YEAR}s`,
  'today',
  'yesterday',
].join('|');
const POINT = `(?:${CLEAR}|(?:fiscal year |year )?${YEAR}(?![\\d.,]*\\d))`;
const FINE = '(minutes?|hours?)';
const UNIT = '(days?|weeks?|months?|quarters?|years?)';
const IN = '(?:in|during|for|on|of|within|throughout|over|from|at) ';

type Maker = (match: RegExpExecArray, now: Date) => Omit<TimeSpan, 'phrase'> | null;

/** Tried in this order; the first that fits takes the words. */
const PATTERNS: readonly (readonly [RegExp, Maker])[] = [
  [rule(`(?:${IN})?(?:between|from) (${POINT}) (?:and|to|until|till|through|-) (${POINT})`), throughOf],
  [rule(`${IN}(${YEAR}) ?(?:-|to|through) ?(${YEAR})`), throughOf],
  [rule(`(?:since|starting (?:in|from)|from|beginning in) (${POINT})(?: onwards?| on| and later)`), sinceOf],
  [rule(`(?:since|starting(?: in| from)?|beginning in) (${POINT})`), sinceOf],
  [rule(`(${POINT}) (?:or later|and later|onwards?)`), sinceOf],
  [rule(`(?:not before) (${POINT})`), sinceOf],
  [
    rule(`(?:after|later than|past) (${POINT})`),
    ([, at = ''], now) => ends(pointOf(at, now)?.end ?? null, null),
  ],
  [
    rule(`(?:before|prior to|earlier than) (${POINT})`),
    ([, at = ''], now) => ends(null, pointOf(at, now)?.start ?? null),
  ],
  [
    rule(`(?:until|till|through|up to|by the end of|to) (${POINT})`),
    ([, at = ''], now) => ends(null, pointOf(at, now)?.end ?? null),
  ],
  [
    rule(`(?:${IN})?(?:the )?(?:last|past|previous) (\\d+|two|three|four|five|six|ten|twelve) ${UNIT}`),
    lastOf,
  ],
  [
    rule(`(?:${IN})?(?:the )?(?:last|past|previous) (?:(\\d+|two|three|four|five|six|ten|twelve) )?${FINE}`),
    lastHours,
  ],
  [rule(`(?:${IN})?(?:the )?(last|past|previous|this|current) ${UNIT}`), calendarOf],
  [
    rule('(?:so far this year|year to date|ytd)'),
    (_, now) => ends(floorTo(now, 'year'), addTo(now, 'day', 1)),
  ],
  [rule(`${IN}(?:the )?(?:month of |year )?(${POINT})`), withinOf],
  [rule(`(${CLEAR})`), withinOf],
  [rule(`(?:in|during|every|each) (?:the month of )?(${MONTH})(?!\\w)`), monthOf],
];

/** The stretches of time a text names, each replaced by what `tag` makes of it. Pure: `now` says what "last month" is. */
export function replaceTimes(text: string, now: Date, tag: (span: TimeSpan) => string): string {
  return PATTERNS.reduce(
    (rest, [pattern, make]) =>
      rest.replace(pattern, (...args) => {
        const phrase = String(args[0]);
        const match = new RegExp(pattern.source, 'i').exec(phrase);
        const span = match ? make(match, now) : null;
        return span ? ` ${tag({ ...span, phrase: phrase.trim() })} ` : phrase;
      }),
    text,
  );
}

/** The stretch a bare year is. */
export function yearSpan(year: number): TimeSpan {
  return { from: `${year}-01-01`, to: `${year + 1}-01-01`, month: null, phrase: `in ${year}` };
}

function rule(source: string): RegExp {
  return new RegExp(`(?<![\\w{-])${source}(?![\\w-])`, 'gi');
}

function throughOf([, from = '', to = '']: RegExpExecArray, now: Date) {
  return ends(pointOf(from, now)?.start ?? null, pointOf(to, now)?.end ?? null);
}

function sinceOf([, at = '']: RegExpExecArray, now: Date) {
  return ends(pointOf(at, now)?.start ?? null, null);
}

function withinOf([, at = '']: RegExpExecArray, now: Date) {
  const point = pointOf(at, now);
  return point && ends(point.start, point.end);
}

function monthOf([, name = '']: RegExpExecArray) {
  return { from: null, to: null, month: monthNumber(name) };
}

const SPELLED: Readonly<Record<string, number>> = {
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  ten: 10,
  twelve: 12,
};

function lastOf([, count = '', unit = '']: RegExpExecArray, now: Date) {
  const many = SPELLED[count.toLowerCase()] ?? Number(count);
  const day = floorTo(now, 'day');
  return ends(addTo(day, unitOf(unit), -many), addTo(day, 'day', 1));
}

function lastHours([, count = '1', unit = '']: RegExpExecArray, now: Date) {
  const many = SPELLED[count.toLowerCase()] ?? Number(count);
  const from = new Date(now.getTime() - many * (/^hour/i.test(unit) ? 3_600_000 : 60_000));
  return { from: `${from.toISOString().slice(0, 19)}Z`, to: null, month: null };
}

function calendarOf([, which = '', unit = '']: RegExpExecArray, now: Date) {
  if (/s$/i.test(unit)) return null;
  const start = floorTo(now, unitOf(unit));
  const isThis = /this|current/i.test(which);
  return isThis ? ends(start, addTo(start, unitOf(unit), 1)) : ends(addTo(start, unitOf(unit), -1), start);
}

function ends(from: Date | null, to: Date | null) {
  return { from: from && isoDay(from), to: to && isoDay(to), month: null };
}

function pointOf(text: string, now: Date): Point | null {
  const lower = text.toLowerCase();
  if (lower === 'today') return span(floorTo(now, 'day'), 'day');
  if (lower === 'yesterday') return span(addTo(floorTo(now, 'day'), 'day', -1), 'day');
  const year = Number(/(?:19|20)\d\d/.exec(lower)?.[0]);
  if (/^(?:19|20)\d\ds$/.test(lower)) return span(day(year, 0, 1), 'year', 10);
  const iso = /^(\d{4})-(\d\d)(?:-(\d\d))?/.exec(lower);
  if (iso)
    return span(day(year, Number(iso[2]) - 1, Number(iso[3] ?? 1)), iso[3] === undefined ? 'month' : 'day');
  const quarter = /q([1-4])/.exec(lower)?.[1] ?? ordinal(lower);
  if (quarter) return span(day(year, (Number(quarter) - 1) * 3, 1), 'quarter');
  const month = monthNumber(lower.replace(/\d+(?:st|nd|rd|th)?|,| of/g, '').trim());
  if (month === null) return span(day(year, 0, 1), 'year');
  const dayOf = /(?<!\d)(\d{1,2})(?:st|nd|rd|th)?(?!\d)/.exec(lower)?.[1];
  return dayOf ? span(day(year, month - 1, Number(dayOf)), 'day') : span(day(year, month - 1, 1), 'month');
}

function ordinal(text: string): string | undefined {
  const at = ['first', 'second', 'third', 'fourth'].findIndex((word) => text.startsWith(word));
  return at === -1 ? undefined : String(at + 1);
}

function monthNumber(text: string): number | null {
  const at = MONTHS.indexOf(text.trim().slice(0, 3).toLowerCase());
  return at === -1 ? null : at + 1;
}

function span(start: Date, unit: Unit, count = 1): Point {
  return { start, end: addTo(start, unit, count) };
}

function day(year: number, month: number, date: number): Date {
  return new Date(Date.UTC(year, month, date));
}

function unitOf(word: string): Unit {
  const unit = word.toLowerCase().replace(/s$/, '');
  return unit === 'day' || unit === 'week' || unit === 'month' || unit === 'quarter' ? unit : 'year';
}

function floorTo(at: Date, unit: Unit): Date {
  const [year, month, date] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (unit === 'year') return day(year, 0, 1);
  if (unit === 'quarter') return day(year, month - (month % 3), 1);
  if (unit === 'month') return day(year, month, 1);
  if (unit === 'week') return day(year, month, date - ((at.getUTCDay() + 6) % 7));
  return day(year, month, date);
}

function addTo(at: Date, unit: Unit, count: number): Date {
  const [year, month, date] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (unit === 'year') return day(year + count, month, date);
  if (unit === 'quarter') return day(year, month + 3 * count, date);
  if (unit === 'month') return day(year, month + count, date);
  return day(year, month, date + count * (unit === 'week' ? 7 : 1));
}

function isoDay(at: Date): string {
  return at.toISOString().slice(0, 10);
}
