import {
  civilOf,
  clockOf,
  daysBeforeYear,
  isoCalendar,
  offsetText,
  padded,
  weekdayOf,
  zoneName,
} from './calendar.ts';
import { fail } from './errors.ts';
import type { PyDate, PyDateTime, PyTime } from './values.ts';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
export const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

interface Parts {
  days: number;
  microseconds: number;
  zone: PyDateTime['zone'];
}

const MAX_WIDTH = 1000;
/** What every directive may have between the % and its letter: flags, a width, E or O for another era or other digits. */
const DIRECTIVE = /%([-_0^#]*)([0-9]*)([EO]?)([\s\S]?)/gu;
/** Directives E and O may stand before; in the C locale they change nothing. */
const WITH_ERA = 'cCxXyY';
const WITH_DIGITS = 'deHkIlmMSuUVwWy';

/**
 * strftime() in the C locale, with glibc's directives, flags (`%-d`, `%_H`, `%^a`) and widths; what glibc does not know stays as it is written.
 * Throws ValueError for NUL.
 */
export function strftime(value: PyDate | PyDateTime | PyTime, format: string): string {
  if (format.includes('\0')) throw fail('ValueError', 'embedded null character');
  return written(
    {
      days: value.kind === 'time' ? daysBeforeYear(1900) : value.days,
      microseconds: value.kind === 'date' ? 0 : value.microseconds,
      zone: value.kind === 'date' ? null : value.zone,
    },
    format,
  );
}

function written(parts: Parts, format: string): string {
  return format.replace(DIRECTIVE, (all, flags: string, width: string, modifier: string, letter: string) => {
    if (flags + width + modifier === '') return plainText(parts, letter) ?? all;
    if (letter === '' || letter === '%')
      return letter === '%' && modifier === '' ? padStart('%', flags, width) : all;
    const allowed = modifier === 'E' ? WITH_ERA : modifier === 'O' ? WITH_DIGITS : letter;
    if ('sZz'.includes(letter) || !allowed.includes(letter)) throw unsupported(all);
    const field = numberField(parts, letter);
    if (field) return padStart(numberText(field, flags, Number(width)), flags, width);
    // %f is Python's own, and only as it stands
    const text = letter === 'f' ? null : plainText(parts, letter);
    return text === null ? all : padStart(inCase(text, letter, flags), flags, width);
  });
}

function unsupported(directive: string) {
  return fail('NotImplementedError', `strftime: the directive ${directive} is not supported here`);
}

/** A directive without flags; null: there is no such. */
function plainText(parts: Parts, letter: string): string | null {
  const field = numberField(parts, letter);
  if (field) return numberText(field, '', 0);
  if (letter === 'z') return parts.zone === null ? '' : offsetText(parts.zone.offset, '');
  if (letter === 'Z') return parts.zone === null ? '' : zoneName(parts.zone);
  if (letter === 'f') return padded(clockOf(parts.microseconds).microsecond, 6);
  if (letter === 's') throw unsupported('%s');
  return nameText(parts, letter) ?? (letter === '' ? null : compositeText(parts, letter));
}

interface NumberField {
  value: number;
  digits: number;
  pad: '0' | '_';
}

function numberField({ days, microseconds }: Parts, letter: string): NumberField | null {
  const { year, month, day } = civilOf(days);
  const { hour, minute, second } = clockOf(microseconds);
  const weekday = weekdayOf(days);
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const inYear = days - daysBeforeYear(year) + 1;
  const zeros = (value: number, digits: number): NumberField => ({ value, digits, pad: '0' });
  const spaces = (value: number): NumberField => ({ value, digits: 2, pad: '_' });
  switch (letter) {
    case 'Y':
      return zeros(year, 1);
    case 'C':
      return zeros(Math.floor(year / 100), 1);
    case 'y':
      return zeros(year % 100, 2);
    case 'G':
      return zeros(isoCalendar(days)[0], 1);
    case 'g':
      return zeros(isoCalendar(days)[0] % 100, 2);
    case 'V':
      return zeros(isoCalendar(days)[1], 2);
    case 'm':
      return zeros(month, 2);
    case 'd':
      return zeros(day, 2);
    case 'e':
      return spaces(day);
    case 'H':
      return zeros(hour, 2);
    case 'k':
      return spaces(hour);
    case 'I':
      return zeros(twelve, 2);
    case 'l':
      return spaces(twelve);
    case 'M':
      return zeros(minute, 2);
    case 'S':
      return zeros(second, 2);
    case 'j':
      return zeros(inYear, 3);
    case 'w':
      return zeros((weekday + 1) % 7, 1);
    case 'u':
      return zeros(weekday + 1, 1);
    case 'U':
      return zeros(Math.floor((inYear + 6 - ((weekday + 1) % 7)) / 7), 2);
    case 'W':
      return zeros(Math.floor((inYear + 6 - weekday) / 7), 2);
    default:
      return null;
  }
}

function numberText({ value, digits, pad }: NumberField, flags: string, width: number): string {
  const flag = paddingOf(flags) ?? pad;
  if (flag === '-') return String(value);
  return String(value).padStart(Math.max(digits, width), flag === '_' ? ' ' : '0');
}

/** The last of the flags that pad. */
function paddingOf(flags: string): '-' | '_' | '0' | null {
  const last = flags.replace(/[^-_0]/g, '').at(-1);
  return last === '-' || last === '_' || last === '0' ? last : null;
}

function padStart(text: string, flags: string, width: string): string {
  if (Number(width) > MAX_WIDTH) throw unsupported(`%${width}`);
  return text.padStart(Number(width), paddingOf(flags) === '0' ? '0' : ' ');
}

function inCase(text: string, letter: string, flags: string): string {
  if (flags.includes('#') && letter === 'p') return text.toLowerCase();
  const swaps = flags.includes('#') && 'aAbBh'.includes(letter);
  return (flags.includes('^') && letter !== 'P') || swaps ? text.toUpperCase() : text;
}

function nameText({ days, microseconds }: Parts, letter: string): string | null {
  const weekday = WEEKDAYS[weekdayOf(days)] ?? '';
  const month = MONTHS[civilOf(days).month - 1] ?? '';
  const half = clockOf(microseconds).hour < 12 ? 'AM' : 'PM';
  switch (letter) {
    case 'a':
      return weekday.slice(0, 3);
    case 'A':
      return weekday;
    case 'b':
    case 'h':
      return month.slice(0, 3);
    case 'B':
      return month;
    case 'p':
      return half;
    case 'P':
      return half.toLowerCase();
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    default:
      return null;
  }
}

const COMPOSITES: ReadonlyMap<string, string> = new Map([
  ['D', '%m/%d/%y'],
  ['x', '%m/%d/%y'],
  ['F', '%Y-%m-%d'],
  ['T', '%H:%M:%S'],
  ['X', '%H:%M:%S'],
  ['R', '%H:%M'],
  ['r', '%I:%M:%S %p'],
  ['c', '%a %b %e %H:%M:%S %Y'],
]);

function compositeText(parts: Parts, letter: string): string | null {
  const format = COMPOSITES.get(letter);
  return format === undefined ? null : written(parts, format);
}
