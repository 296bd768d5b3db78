import { DAY_US, daysOf, isoYearStart, microsecondsOf, UTC } from './calendar.ts';
import { fail } from './errors.ts';
import type { PyDateTime, PyTimezone } from './values.ts';

const DATE = /^(\d{4})(?:-?W(\d\d)(?:-?(\d))?|-(\d\d)-(\d\d)|(\d\d)(\d\d))/;
const TIME =
  /^(\d\d)(?:(:?)(\d\d)(?:\2(\d\d)(?:[.,](\d+))?)?)?(?:(Z)|([+-])(\d\d)(?:(:?)(\d\d)(?:\9(\d\d)(?:[.,](\d+))?)?)?)?$/;

/** datetime.fromisoformat of Python 3.11. Throws ValueError. */
export function parseIsoDateTime(text: string): PyDateTime {
  const bad = () => fail('ValueError', `Invalid isoformat string: ${quoted(text)}`);
  const match = DATE.exec(text);
  if (!match || !isStandard(match[0])) throw bad();
  const days = dayOf(match);
  const rest = text.slice(match[0].length);
  if (rest === '') return { kind: 'datetime', days, microseconds: 0, zone: null };
  const [mark = ''] = rest;
  const time = parseTime(rest.slice(mark.length));
  if (time === null) throw bad();
  return { kind: 'datetime', days, ...time };
}

/** date.fromisoformat. Throws ValueError. */
export function parseIsoDate(text: string): number {
  const match = DATE.exec(text);
  if (!match || match[0] !== text || !isStandard(text))
    throw fail('ValueError', `Invalid isoformat string: ${quoted(text)}`);
  return dayOf(match);
}

/** time.fromisoformat. Throws ValueError. */
export function parseIsoTime(text: string): { microseconds: number; zone: PyTimezone | null } {
  const time = parseTime(text.replace(/^T/, ''));
  if (time === null) throw fail('ValueError', `Invalid isoformat string: ${quoted(text)}`);
  return time;
}

function parseTime(text: string): { microseconds: number; zone: PyTimezone | null } | null {
  const match = TIME.exec(text);
  if (!match) return null;
  const [, hour, , minute = '0', second = '0', part = ''] = match;
  const microseconds = microsecondsOf({
    hour: Number(hour),
    minute: Number(minute),
    second: Number(second),
    microsecond: Number(part.slice(0, 6).padEnd(6, '0')),
  });
  return { microseconds, zone: zoneOf(match) };
}

function zoneOf(match: RegExpExecArray): PyTimezone | null {
  if (match[6]) return UTC;
  const sign = match[7];
  if (!sign) return null;
  const part = (match[12] ?? '').slice(0, 6).padEnd(6, '0');
  const seconds = Number(match[8]) * 3600 + Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0);
  const offset = BigInt(seconds) * 1_000_000n + BigInt(part);
  if (offset === 0n) return UTC;
  return zoneAt(sign === '-' ? -offset : offset);
}

export function zoneAt(offset: bigint): PyTimezone {
  if (offset <= -BigInt(DAY_US) || offset >= BigInt(DAY_US)) {
    throw fail(
      'ValueError',
      'offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24)',
    );
  }
  return { kind: 'timezone', offset, name: null };
}

function dayOf(match: RegExpExecArray): number {
  const year = Number(match[1]);
  if (match[2] === undefined) return daysOf(year, Number(match[4] ?? match[6]), Number(match[5] ?? match[7]));
  return isoWeekDay(year, Number(match[2]), Number(match[3] ?? 1));
}

export function isoWeekDay(year: number, week: number, weekday: number): number {
  if (year < 1 || year > 9999) throw fail('ValueError', `Year is out of range: ${year}`);
  const weeks = Math.round((isoYearStart(year + 1) - isoYearStart(year)) / 7);
  if (week < 1 || week > weeks) throw fail('ValueError', `Invalid week: ${week}`);
  if (weekday < 1 || weekday > 7) throw fail('ValueError', `Invalid weekday: ${weekday} (range is [1, 7])`);
  return isoYearStart(year) + (week - 1) * 7 + weekday - 1;
}

/** 2026-W13-6 and 2026W136, but no mixture. */
function isStandard(date: string): boolean {
  const dashes = date.split('-').length - 1;
  return !date.includes('W') || date[4] === '-' ? dashes !== 0 || !date.includes('W') : dashes === 0;
}

function quoted(text: string): string {
  return text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("'", "\\'")}'`;
}
