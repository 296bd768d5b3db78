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

/** strftime() in the C locale, with glibc's directives. Throws ValueError for directives that are not portable. */
export function strftime(value: PyDate | PyDateTime | PyTime, format: string): string {
  const parts: Parts = {
    days: value.kind === 'time' ? daysBeforeYear(1900) : value.days,
    microseconds: value.kind === 'date' ? 0 : value.microseconds,
    zone: value.kind === 'date' ? null : value.zone,
  };
  return format.replace(/%([\s\S]?)/gu, (all, directive: string) => directiveText(parts, directive, all));
}

function directiveText(parts: Parts, directive: string, all: string): string {
  const { year, month, day } = civilOf(parts.days);
  const { hour, minute, second, microsecond } = clockOf(parts.microseconds);
  const weekday = weekdayOf(parts.days);
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  const inYear = parts.days - daysBeforeYear(year) + 1;
  const again = (format: string) =>
    format.replace(/%(.)/g, (whole, inner: string) => directiveText(parts, inner, whole));
  switch (directive) {
    case 'Y':
      return String(year);
    case 'm':
      return padded(month, 2);
    case 'd':
      return padded(day, 2);
    case 'H':
      return padded(hour, 2);
    case 'M':
      return padded(minute, 2);
    case 'S':
      return padded(second, 2);
    case 'f':
      return padded(microsecond, 6);
    case 'y':
      return padded(year % 100, 2);
    case 'I':
      return padded(twelve, 2);
    case 'p':
      return hour < 12 ? 'AM' : 'PM';
    case 'P':
      return hour < 12 ? 'am' : 'pm';
    case 'j':
      return padded(inYear, 3);
    case 'a':
      return (WEEKDAYS[weekday] ?? '').slice(0, 3);
    case 'A':
      return WEEKDAYS[weekday] ?? '';
    case 'b':
    case 'h':
      return (MONTHS[month - 1] ?? '').slice(0, 3);
    case 'B':
      return MONTHS[month - 1] ?? '';
    case 'w':
      return String((weekday + 1) % 7);
    case 'u':
      return String(weekday + 1);
    case 'U':
      return padded(Math.floor((inYear + 6 - ((weekday + 1) % 7)) / 7), 2);
    case 'W':
      return padded(Math.floor((inYear + 6 - weekday) / 7), 2);
    case 'G':
      return String(isoCalendar(parts.days)[0]);
    case 'V':
      return padded(isoCalendar(parts.days)[1], 2);
    case 'g':
      return padded(isoCalendar(parts.days)[0] % 100, 2);
    case 'C':
      return padded(Math.floor(year / 100), 2);
    case 'e':
      return String(day).padStart(2, ' ');
    case 'k':
      return String(hour).padStart(2, ' ');
    case 'l':
      return String(twelve).padStart(2, ' ');
    case 'D':
    case 'x':
      return again('%m/%d/%y');
    case 'F':
      return again('%Y-%m-%d');
    case 'T':
    case 'X':
      return again('%H:%M:%S');
    case 'R':
      return again('%H:%M');
    case 'r':
      return again('%I:%M:%S %p');
    case 'c':
      return `${again('%a %b')} ${String(day).padStart(2, ' ')} ${again('%H:%M:%S')} ${year}`;
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case '%':
      return '%';
    case 'z':
      return parts.zone === null ? '' : offsetText(parts.zone.offset, '');
    case 'Z':
      return parts.zone === null ? '' : zoneName(parts.zone);
    case '':
      return '%';
    default:
      throw fail('ValueError', `strftime: the directive ${all} is not supported here`);
  }
}
