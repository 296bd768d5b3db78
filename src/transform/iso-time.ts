/** A point on the calendar as written; `offsetS` null: no zone was given. */
export interface Moment {
  year: number;
  month: number;
  day: number;
  secondsOfDay: number;
  microseconds: number;
  offsetS: number | null;
}

const DAY_S = 86_400;

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?\s*(?:(Z)|([+-])(\d\d)(?::?(\d\d)(?::?(\d\d))?)?)?)?$/i;

/** Reads ISO 8601 as taps and Postgres write it: a date, or a date and time with or without offset. A string answer is the reason it is not one. */
export function parseMoment(text: string): Moment | string {
  const match = ISO.exec(text);
  if (!match) return 'it is not text like 2026-03-28 or 2026-03-28T12:00:00Z';
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)];
  const fraction = match[7] ?? '';
  if (year === 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month))
    return 'there is no such day';
  if (hour > 23 || minute > 59 || second > 59) return 'there is no such time of day';
  if (/[1-9]/.test(fraction.slice(6))) return 'it is finer than a microsecond';
  const offsetS = offsetOf(match);
  if (offsetS !== null && Math.abs(offsetS) >= 24 * 3600) return 'there is no such offset';
  const microseconds = Number(fraction.slice(0, 6).padEnd(6, '0'));
  return { year, month, day, secondsOfDay: hour * 3600 + minute * 60 + second, microseconds, offsetS };
}

export function printDate({ year, month, day }: Moment): string {
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** Whether its day in UTC is one of the years 1 to 9999: ISO 8601 and most readers know no other. */
export function isInCalendar({ year, month, day, secondsOfDay, offsetS }: Moment): boolean {
  const days = Math.floor((secondsOfDay - (offsetS ?? 0)) / DAY_S);
  if (days < 0) return year > 1 || month > 1 || day > 1;
  return days === 0 || year < 9999 || month < 12 || day < 31;
}

/** ISO 8601 in UTC with `suffix`; a moment without zone is taken as UTC. Microseconds only where there are some. */
export function printTimestamp(moment: Moment, suffix: string): string {
  const seconds = moment.secondsOfDay - (moment.offsetS ?? 0);
  const days = Math.floor(seconds / DAY_S);
  const date = days === 0 ? printDate(moment) : printDayAfter(moment, days);
  const fraction = moment.microseconds === 0 ? '' : `.${padded(moment.microseconds, 6)}`;
  return `${date}T${printTime(seconds - days * DAY_S)}${fraction}${suffix}`;
}

function printDayAfter({ year, month, day }: Moment, days: number): string {
  const calendar = new Date(0);
  calendar.setUTCFullYear(year, month - 1, day + days);
  return `${padded(calendar.getUTCFullYear(), 4)}-${padded(calendar.getUTCMonth() + 1, 2)}-${padded(calendar.getUTCDate(), 2)}`;
}

function printTime(seconds: number): string {
  const [hour, minute] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${padded(hour, 2)}:${padded(minute, 2)}:${padded(seconds % 60, 2)}`;
}

function offsetOf(match: RegExpExecArray): number | null {
  if (match[8]) return 0;
  if (!match[9]) return null;
  const seconds = Number(match[10]) * 3600 + Number(match[11] ?? 0) * 60 + Number(match[12] ?? 0);
  return match[9] === '-' ? -seconds : seconds;
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function padded(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
