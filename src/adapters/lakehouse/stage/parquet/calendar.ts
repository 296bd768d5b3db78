import { parseMoment } from '../../../../transform/iso-time.ts';

const DAY_S = 86_400;
const DAYS_IN = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Days from 1970-01-01 to "YYYY-MM-DD" in the proleptic Gregorian calendar. null: no such day. */
export function daysOf(text: string): number | null {
  return text.length === 10 ? leadingDays(text) : null;
}

export interface Instant {
  /** From 1970-01-01T00:00:00 (of UTC where there is a zone). */
  seconds: number;
  /** 0 to 999,999. */
  microseconds: number;
}

/** Reads ISO 8601; without a zone it is taken as UTC. null: no such time. */
export function instantOf(text: string): Instant | null {
  return plainInstant(text) ?? anyInstant(text);
}

/** What nearly every value looks like, without a regular expression: YYYY-MM-DDTHH:MM:SS[.f to .ffffff][Z]. */
function plainInstant(text: string): Instant | null {
  const end = text.charCodeAt(text.length - 1) === CODE.Z ? text.length - 1 : text.length;
  const days = leadingDays(text);
  if (days === null || end < 19 || end === 20 || end > 26) return null;
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  const isTime =
    (text.charCodeAt(10) === CODE.T || text.charCodeAt(10) === CODE.space) &&
    text.charCodeAt(13) === CODE.colon &&
    text.charCodeAt(16) === CODE.colon;
  if (!isTime || !within(hour, 23) || !within(minute, 59) || !within(second, 59)) return null;
  const microseconds = end === 19 ? 0 : fraction(text, end);
  if (microseconds < 0) return null;
  return { seconds: days * DAY_S + hour * 3600 + minute * 60 + second, microseconds };
}

function anyInstant(text: string): Instant | null {
  const moment = parseMoment(text);
  if (typeof moment === 'string') return null;
  const days = civilDays(moment.year, moment.month, moment.day);
  return {
    seconds: days * DAY_S + moment.secondsOfDay - (moment.offsetS ?? 0),
    microseconds: moment.microseconds,
  };
}

const CODE = { zero: 48, colon: 58, dash: 45, dot: 46, space: 32, T: 84, Z: 90 } as const;

function leadingDays(text: string): number | null {
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  if (text.charCodeAt(4) !== CODE.dash || text.charCodeAt(7) !== CODE.dash) return null;
  const isDay = year >= 0 && month >= 1 && month <= 12 && day >= 1 && day <= (DAYS_IN[month - 1] ?? 0);
  return isDay && (month !== 2 || day < 29 || isLeap(year)) ? civilDays(year, month, day) : null;
}

/** Counts the year from March on, so that a leap day is its last one (Howard Hinnant, days_from_civil). */
function civilDays(year: number, month: number, day: number): number {
  const march = month > 2 ? year : year - 1;
  const era = Math.floor(march / 400);
  const yearOfEra = march - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** -10,000: these are not two digits. */
function twoDigits(text: string, at: number): number {
  const high = text.charCodeAt(at) - CODE.zero;
  const low = text.charCodeAt(at + 1) - CODE.zero;
  return high >= 0 && high <= 9 && low >= 0 && low <= 9 ? high * 10 + low : -10_000;
}

function within(value: number, max: number): boolean {
  return value >= 0 && value <= max;
}

/** Microseconds from the point at 19 to `end`; negative: something else is there. */
function fraction(text: string, end: number): number {
  if (text.charCodeAt(19) !== CODE.dot) return -1;
  let value = 0;
  for (let at = 20; at < 26; at++) {
    const digit = at < end ? text.charCodeAt(at) - CODE.zero : 0;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
