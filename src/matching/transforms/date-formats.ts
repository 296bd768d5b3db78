/** strptime's format that reads the samples; null and why, where none does or more than one would. */
export type DateFormat = { format: string; note: string } | { format: null; note: string };

type Order = 'day first' | 'month first' | 'year first';
interface Spelling {
  format: string;
  order: Order;
}

const NUMBERS = /^(\d{1,4})([/.-])(\d{1,2})\2(\d{1,4})$/;
const COMPACT = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$/;
const DAY_NAME = /^(\d{1,2})([ -])([A-Za-z]{3,9})\2(\d{4}|\d{2})$/;
const NAME_DAY = /^([A-Za-z]{3,9}) (\d{1,2})(,?) (\d{4})$/;
const TIME =
  /^(.*?\d{2})([T ]|, )(\d{1,2}:\d{2})(:\d{2})?(\.\d{1,6})?( ?)([AaPp][Mm])?( ?)(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/;
const WEEKDAY =
  /^(?:(mon|tue|wed|thu|fri|sat|sun)|(monday|tuesday|wednesday|thursday|friday|saturday|sunday))(,? )/i;
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
/** A few stray values do not hide the format; what it does not read is rejected, and counted in a warning. */
const MOSTLY = 0.9;

/** How nearly all of these dates are written. Days and months that could be each other are left to the reviewer. */
export function readDateFormat(texts: readonly string[]): DateFormat {
  const spellings = texts.map(spellingsOf);
  const dated = spellings.filter((list) => list.length > 0);
  if (dated.length < MOSTLY * texts.length) {
    return {
      format: null,
      note: 'The sample values are no dates Ivory knows how to read: they need converting.',
    };
  }
  const orders = ordersOf(dated);
  const [order] = orders;
  if (order === undefined) return { format: null, note: mixedNote(texts) };
  if (orders.length > 1) return { format: null, note: ambiguousNote(texts) };
  return oneFormat(dated, order, texts);
}

/** The orders in which every one of the dates can be read. */
function ordersOf(dated: readonly Spelling[][]): Order[] {
  const all: Order[] = ['day first', 'month first', 'year first'];
  return all.filter((order) => dated.every((list) => list.some((spelling) => spelling.order === order)));
}

function oneFormat(dated: readonly Spelling[][], order: Order, texts: readonly string[]): DateFormat {
  const counts = new Map<string, number>();
  for (const list of dated)
    for (const { format } of list.filter((spelling) => spelling.order === order))
      counts.set(format, (counts.get(format) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1]);
  if (!best || best[1] < MOSTLY * texts.length) return { format: null, note: mixedNote(texts) };
  const [format] = best;
  const century = format.includes('%y') ? ' Years of two digits from 69 on are taken as 19xx.' : '';
  const zone = /%H|%I/.test(format) && !/%z/i.test(format) ? ' A time without a zone is taken as UTC.' : '';
  return { format, note: `The sample values are dates, ${order} ("${shown(texts)}").${century}${zone}` };
}

function ambiguousNote(texts: readonly string[]): string {
  return `Dates like "${shown(texts)}" are ambiguous: no sample has a day above 12, so day and month cannot be told apart. Choose "%d" or "%m" first.`;
}

function mixedNote(texts: readonly string[]): string {
  return `The sample values are dates written in several ways ("${shown(texts)}"): they need converting.`;
}

function shown([first = '']: readonly string[]): string {
  return first.slice(0, 40);
}

/** Every way to read one date; empty: it is none. */
function spellingsOf(text: string): Spelling[] {
  const weekday = WEEKDAY.exec(text);
  const rest = weekday ? text.slice(weekday[0].length) : text;
  const prefix = weekday ? `${weekday[1] ? '%a' : '%A'}${weekday[3]}` : '';
  const time = TIME.exec(rest);
  const [date, suffix] = time ? [time[1] ?? '', timeFormat(time)] : [rest, ''];
  if (suffix === null) return [];
  return dayFormats(date).map(({ format, order }) => ({ format: `${prefix}${format}${suffix}`, order }));
}

function timeFormat(match: RegExpExecArray): string | null {
  const [, , before, hours = '', seconds, fraction, space, half, gap, zone] = match;
  if (fraction && !seconds) return null;
  if (Number(hours.split(':')[0]) > (half ? 12 : 23)) return null;
  const clock = `${half ? '%I' : '%H'}:%M${seconds ? ':%S' : ''}${fraction ? '.%f' : ''}`;
  const word = zone === undefined ? '' : /^(?:UTC|GMT)$/.test(zone) ? '%Z' : '%z';
  return `${before}${clock}${half ? `${space}%p` : ''}${word ? `${half ? gap : space || gap}${word}` : ''}`;
}

function dayFormats(date: string): Spelling[] {
  if (COMPACT.test(date)) return [{ format: '%Y%m%d', order: 'year first' }];
  return [...numberFormats(date), ...nameFormats(date)];
}

function numberFormats(date: string): Spelling[] {
  const match = NUMBERS.exec(date);
  if (!match) return [];
  const [, first = '', separator = '', second = '', third = ''] = match;
  const join = (...parts: string[]) => parts.join(separator);
  const [a, b, c] = [Number(first), Number(second), Number(third)];
  if (first.length === 4)
    return isDay(c) && isMonth(b) && third.length <= 2
      ? [{ format: join('%Y', '%m', '%d'), order: 'year first' }]
      : [];
  if (first.length > 2 || third.length === 3 || third.length === 1) return [];
  const year = third.length === 4 ? '%Y' : '%y';
  return [
    ...(isDay(a) && isMonth(b) ? [{ format: join('%d', '%m', year), order: 'day first' } as const] : []),
    ...(isMonth(a) && isDay(b) ? [{ format: join('%m', '%d', year), order: 'month first' } as const] : []),
    ...(third.length === 2 && first.length === 2 && separator === '-' && isMonth(b) && isDay(c)
      ? [{ format: join('%y', '%m', '%d'), order: 'year first' } as const]
      : []),
  ];
}

function nameFormats(date: string): Spelling[] {
  const dayFirst = DAY_NAME.exec(date);
  if (dayFirst) {
    const [, day, separator = ' ', name = '', year = ''] = dayFirst;
    const numbers = year.length === 4 ? '%Y' : '%y';
    return monthFormats(name, Number(day)).map((month) => ({
      format: ['%d', month, numbers].join(separator),
      order: 'day first',
    }));
  }
  const monthFirst = NAME_DAY.exec(date);
  if (!monthFirst) return [];
  const [, name = '', day, comma] = monthFirst;
  return monthFormats(name, Number(day)).map((month) => ({
    format: `${month} %d${comma} %Y`,
    order: 'month first',
  }));
}

/** "May" is both a short and a long name. */
function monthFormats(name: string, day: number): string[] {
  const word = name.toLowerCase();
  if (!isDay(day)) return [];
  return [
    ...(MONTHS.some((month) => month.slice(0, 3) === word) ? ['%b'] : []),
    ...(MONTHS.includes(word) ? ['%B'] : []),
  ];
}

function isDay(number: number): boolean {
  return number >= 1 && number <= 31;
}

function isMonth(number: number): boolean {
  return number >= 1 && number <= 12;
}
