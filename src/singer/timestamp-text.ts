import { Refusal } from './refusal.ts';

const INSTANT =
  /^(\d{4})-?(\d\d)-?(\d\d)[T ](\d\d):?(\d\d)(?::?(\d\d))?(\.\d+)?\s*(?:(|Z|UTC|GMT|[+-]00:?00)|([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?)\s*$/i;
const MIDNIGHT = /^(\d{4,}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?(?:00)?)?$/;

const CALENDAR = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?=$|[^\d:]))?/;

/** Other texts Postgres may know as a date-time, as long as no zone but UTC is among them: it would drop the zone without applying it. */
const MONTH = '(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*';
const OTHER = new RegExp(
  String.raw`^(?:\d{8}|\d{6}|\d+[-/.]\d+[-/.]\d+|\d+[-/. ]?${MONTH}[-/. ]?,? ?\d+)` +
    String.raw`(?:(?:T| +)(?:\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?|\d{4,6}(?:\.\d+)?))? ?(?:[AP]M)? ?(?:Z|UTC|GMT)? ?(?:BC|AD)? ?$`,
  'i',
);

/**
 * A date-time for a column without time zone, in UTC. Postgres would drop a zone without applying it, so an offset is applied here and
 * a zone by name other than UTC refused; text without either is UTC already. Words ("now", "infinity") are not instants.
 */
export function utcTimestamp(text: string): string {
  assertCalendar(text);
  const short = text.length <= MAX_CHARACTERS;
  const parts = short ? INSTANT.exec(text) : null;
  if (!parts && short && OTHER.test(text)) return text;
  if (!parts)
    throw new Refusal(
      'singer.value_refused',
      `"${shown(text)}" is not a date-time with an offset, in UTC or without a zone.`,
    );
  if (parts[8] !== undefined) return text;
  const [, year, month, day, hour, minute, second = '00', fraction = ''] = parts;
  const local = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(local)) throw new Refusal('singer.value_refused', `"${shown(text)}" is not a date-time.`);
  const utc = new Date(local - offsetMs(text, parts)).toISOString();
  return utc.replace(/^\+0/, '').slice(0, -5) + fraction;
}

/** No date-time is longer, and blanks without end would keep the patterns busy. */
const MAX_CHARACTERS = 64;
/** As far from UTC as Postgres takes. */
const MAX_OFFSET_HOURS = 15;

function offsetMs(text: string, parts: RegExpExecArray): number {
  const [hours = 0, minutes = 0, seconds = 0] = parts.slice(10).map((part) => Number(part ?? 0));
  if (hours > MAX_OFFSET_HOURS || minutes > 59 || seconds > 59)
    throw new Refusal('singer.value_refused', `"${shown(text)}" has an offset no clock has.`);
  return (parts[9] === '-' ? -1000 : 1000) * (hours * 3600 + minutes * 60 + seconds);
}

/** A date. A date-time passes only when it is midnight, so that no time of day is lost. */
export function plainDate(text: string): string {
  assertCalendar(text);
  if (text.length <= 10) return digitFirst(text);
  const midnight = MIDNIGHT.exec(text)?.[1];
  if (midnight === undefined) throw new Refusal('singer.value_refused', `"${shown(text)}" is not a date.`);
  return midnight;
}

/** Refuses days and times of day that do not exist, where the text has the usual shape: Postgres would stop the whole batch at it. */
function assertCalendar(text: string): void {
  const parts = CALENDAR.exec(text);
  if (!parts) return;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map((part) => Number(part ?? 0));
  const exists =
    year > 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour <= 24 &&
    minute <= 59 &&
    second <= 60;
  if (!exists) throw new Refusal('singer.value_refused', `"${shown(text)}" is no day or time that exists.`);
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
}

export function digitFirst(text: string): string {
  const code = text.charCodeAt(0);
  if (code >= 48 && code <= 57) return text;
  throw new Refusal('singer.value_refused', `"${shown(text)}" is not a date or time.`);
}

/** The beginning of a refused value, for a message. */
export function shown(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text;
}
