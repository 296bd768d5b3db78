import { Refusal } from './refusal.ts';

const WITH_OFFSET = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(\.\d+)?(?:([+-])(\d\d):?(\d\d)?)$/;
const MIDNIGHT = /^(\d{4,}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?(?:00)?)?$/;

const CALENDAR = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?(?=$|[^\d:]))?/;

/**
 * A date-time for a column without time zone, in UTC. Postgres would drop an offset without applying it; text without an
 * offset is UTC already. Only shapes that begin with a digit pass ("now", "infinity" are words, not instants).
 */
export function utcTimestamp(text: string): string {
  assertCalendar(text);
  const last = text.charCodeAt(text.length - 1);
  if (last === 90 /* Z */ || text.endsWith('+00:00')) return digitFirst(text);
  const parts = WITH_OFFSET.exec(text);
  if (!parts) return digitFirst(text);
  const [, date, time, fraction = '', sign, hours, minutes = '00'] = parts;
  const local = Date.parse(`${date}T${time}Z`);
  if (Number.isNaN(local)) throw new Refusal('singer.value_refused', `"${shown(text)}" is not a date-time.`);
  const offsetMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  const utc = new Date(sign === '-' ? local + offsetMs : local - offsetMs).toISOString();
  return utc.slice(0, -5) + fraction;
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
