import { fail } from './errors.ts';
import type { PyDate, PyDateTime, PyTimedelta, PyTimezone } from './values.ts';

export const DAY_US = 86_400_000_000;
/** 9999-12-31 */
export const LAST_DAY = 3_652_058;
const MAX_DELTA_DAYS = 999_999_999n;

export const UTC: PyTimezone = { kind: 'timezone', offset: 0n, name: null };

/** Days since 0001-01-01 of the proleptic Gregorian calendar. Throws ValueError as datetime.date does. */
export function daysOf(year: number, month: number, day: number): number {
  if (!(year >= 1 && year <= 9999)) throw fail('ValueError', `year ${year} is out of range`);
  if (!(month >= 1 && month <= 12)) throw fail('ValueError', 'month must be in 1..12');
  if (!(day >= 1 && day <= daysInMonth(year, month)))
    throw fail('ValueError', 'day is out of range for month');
  return daysBeforeYear(year) + dayOfYear(year, month, day) - 1;
}

export interface YearMonthDay {
  year: number;
  month: number;
  day: number;
}

export function civilOf(days: number): YearMonthDay {
  let year = Math.floor(days / 365.2425) + 1;
  while (daysBeforeYear(year) > days) year--;
  while (daysBeforeYear(year + 1) <= days) year++;
  let rest = days - daysBeforeYear(year) + 1;
  let month = 1;
  while (rest > daysInMonth(year, month)) rest -= daysInMonth(year, month++);
  return { year, month, day: rest };
}

export function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

export function daysBeforeYear(year: number): number {
  const before = year - 1;
  return before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
}

/** 1 to 366. */
export function dayOfYear(year: number, month: number, day: number): number {
  let total = day;
  for (let m = 1; m < month; m++) total += daysInMonth(year, m);
  return total;
}

/** Monday is 0. */
export function weekdayOf(days: number): number {
  return days % 7;
}

/** ISO year, week and weekday (Monday is 1). */
export function isoCalendar(days: number): [year: number, week: number, weekday: number] {
  const { year } = civilOf(days);
  const start = isoYearStart(year);
  if (days < start) return weekIn(year - 1, days);
  return year < 9999 && days >= isoYearStart(year + 1) ? weekIn(year + 1, days) : weekIn(year, days);
}

export function isoYearStart(year: number): number {
  const first = daysBeforeYear(year);
  const weekday = (first + 7) % 7;
  return weekday > 3 ? first + 7 - weekday : first - weekday;
}

function weekIn(year: number, days: number): [number, number, number] {
  return [year, Math.floor((days - isoYearStart(year)) / 7) + 1, weekdayOf(days) + 1];
}

export function dateOf(days: number): PyDate {
  if (!(days >= 0 && days <= LAST_DAY)) throw fail('OverflowError', 'date value out of range');
  return { kind: 'date', days };
}

/** Carries microseconds of several days. Throws OverflowError outside the years 1 to 9999. */
export function dateTimeOf(days: number, microseconds: number | bigint, zone: PyTimezone | null): PyDateTime {
  const all = BigInt(days) * BigInt(DAY_US) + BigInt(microseconds);
  const day = Number(floorDivide(all, BigInt(DAY_US)));
  if (day < 0 || day > LAST_DAY) throw fail('OverflowError', 'date value out of range');
  return { kind: 'datetime', days: day, microseconds: Number(all - BigInt(day) * BigInt(DAY_US)), zone };
}

export function deltaOf(microseconds: bigint): PyTimedelta {
  const days = floorDivide(microseconds, BigInt(DAY_US));
  if (days > MAX_DELTA_DAYS || days < -MAX_DELTA_DAYS)
    throw fail('OverflowError', `days=${days}; must have magnitude <= 999999999`);
  return { kind: 'timedelta', microseconds };
}

/** Microseconds since 0001-01-01: on the wall, or in UTC where there is a zone. */
export function instantOf(value: PyDateTime): bigint {
  return BigInt(value.days) * BigInt(DAY_US) + BigInt(value.microseconds) - (value.zone?.offset ?? 0n);
}

export function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}

export interface Clock {
  hour: number;
  minute: number;
  second: number;
  microsecond: number;
}

export function clockOf(microseconds: number): Clock {
  const seconds = Math.floor(microseconds / 1_000_000);
  return {
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    microsecond: microseconds % 1_000_000,
  };
}

/** Microseconds of the day. Throws ValueError as datetime.time does. */
export function microsecondsOf({ hour, minute, second, microsecond }: Clock): number {
  if (!(hour >= 0 && hour <= 23)) throw fail('ValueError', 'hour must be in 0..23');
  if (!(minute >= 0 && minute <= 59)) throw fail('ValueError', 'minute must be in 0..59');
  if (!(second >= 0 && second <= 59)) throw fail('ValueError', 'second must be in 0..59');
  if (!(microsecond >= 0 && microsecond <= 999_999))
    throw fail('ValueError', 'microsecond must be in 0..999999');
  return ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecond;
}

export function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

export function dateText(days: number): string {
  const { year, month, day } = civilOf(days);
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

export type TimeSpec = 'auto' | 'hours' | 'minutes' | 'seconds' | 'milliseconds' | 'microseconds';

export function timeText(microseconds: number, zone: PyTimezone | null, spec: TimeSpec = 'auto'): string {
  return clockText(microseconds, spec) + (zone === null ? '' : offsetText(zone.offset));
}

function clockText(microseconds: number, spec: TimeSpec): string {
  const { hour, minute, second, microsecond } = clockOf(microseconds);
  const minutes = `${padded(hour, 2)}:${padded(minute, 2)}`;
  const seconds = `${minutes}:${padded(second, 2)}`;
  switch (spec) {
    case 'hours':
      return padded(hour, 2);
    case 'minutes':
      return minutes;
    case 'seconds':
      return seconds;
    case 'milliseconds':
      return `${seconds}.${padded(Math.floor(microsecond / 1000), 3)}`;
    case 'microseconds':
      return `${seconds}.${padded(microsecond, 6)}`;
    case 'auto':
      return microsecond === 0 ? seconds : `${seconds}.${padded(microsecond, 6)}`;
  }
}

/** +02:00, -05:30, +01:00:30.000001 */
export function offsetText(offset: bigint, mark = ':'): string {
  const size = Number(offset < 0n ? -offset : offset);
  const { hour, minute, second, microsecond } = clockOf(size);
  const tail =
    microsecond > 0
      ? `${mark}${padded(second, 2)}.${padded(microsecond, 6)}`
      : second > 0
        ? `${mark}${padded(second, 2)}`
        : '';
  return `${offset < 0n ? '-' : '+'}${padded(hour, 2)}${mark}${padded(minute, 2)}${tail}`;
}

export function dateTimeText(value: PyDateTime, mark = ' ', spec: TimeSpec = 'auto'): string {
  return `${dateText(value.days)}${mark}${timeText(value.microseconds, value.zone, spec)}`;
}

/** str(): 1 day, 2:03:04.000005 */
export function deltaText({ microseconds }: PyTimedelta): string {
  const days = floorDivide(microseconds, BigInt(DAY_US));
  const { hour, minute, second, microsecond } = clockOf(Number(microseconds - days * BigInt(DAY_US)));
  const clock = `${hour}:${padded(minute, 2)}:${padded(second, 2)}${microsecond === 0 ? '' : `.${padded(microsecond, 6)}`}`;
  return days === 0n ? clock : `${days} day${days === 1n || days === -1n ? '' : 's'}, ${clock}`;
}

/** tzname(): its name, else UTC, UTC+02:00. */
export function zoneName({ offset, name }: PyTimezone): string {
  return name ?? (offset === 0n ? 'UTC' : `UTC${offsetText(offset)}`);
}
