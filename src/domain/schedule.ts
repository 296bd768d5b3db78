import { type CronExpression, CronExpressionParser } from 'cron-parser';
import { InvalidError, messageOf } from '../errors.ts';
import { wallClock } from './wall-clock.ts';

const MAX_LENGTH = 200;
/** Slots looked through before giving up: more than a repeated hour of every-minute slots. */
const MAX_STEPS = 5_000;
const MACRO = /^@(yearly|annually|monthly|weekly|daily|hourly)$/i;

/**
 * The first slot of a schedule after `after`. A wall time that a DST gap skips runs once, when the gap ends; one that an overlap repeats runs
 * once, the first time. A schedule of every hour follows real time instead.
 * Throws InvalidError as assertSchedule does.
 */
export function nextSlot(expression: string, timezone: string, after: Date): Date {
  const hourly = parse(expression, timezone, after);
  if (everyHour(hourly) || isUtc(timezone)) return step(hourly, expression);
  const clock = wallClock(timezone);
  const slots = parse(expression, 'UTC', new Date(clock.wallAt(after)));
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const instant = clock.instantOf(step(slots, expression).getTime());
    if (instant > after) return instant;
  }
  throw neverFires(expression);
}

/** The next `count` slots after `after`, in order. */
export function previewSlots(expression: string, timezone: string, after: Date, count = 5): Date[] {
  const slots: Date[] = [];
  for (let from = after; slots.length < count; ) {
    from = nextSlot(expression, timezone, from);
    slots.push(from);
  }
  return slots;
}

/**
 * Refuses a schedule that is no cron expression of five or six fields, fires more often than once a minute, or never.
 * Throws InvalidError `schedule.invalid`, `schedule.too_frequent`, `schedule.never_fires`, `schedule.timezone_unknown`.
 */
export function assertSchedule(expression: string, timezone: string, now: Date): void {
  wallClock(timezone);
  const parsed = parse(expression, timezone, now);
  if (parsed.fields.second.values.length > 1) {
    throw refused('schedule.too_frequent', expression, 'it fires more often than once a minute');
  }
  nextSlot(expression, timezone, now);
}

function parse(expression: string, timezone: string, after: Date): CronExpression {
  assertShape(expression);
  try {
    return CronExpressionParser.parse(expression, { tz: timezone, currentDate: after });
  } catch (error) {
    // cron-parser's words for a day that no named month has (30 February)
    if (/explicit day of month/i.test(messageOf(error))) throw neverFires(expression);
    throw refused('schedule.invalid', expression, lowerFirst(messageOf(error)), error);
  }
}

function assertShape(expression: string): void {
  if (expression.length > MAX_LENGTH)
    throw refused('schedule.invalid', expression, `it is longer than ${MAX_LENGTH} characters`);
  if (MACRO.test(expression)) return;
  const fields = expression.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5 && fields.length !== 6) {
    throw refused('schedule.invalid', expression, `it has ${fields.length} fields instead of five or six`);
  }
  if (fields.some((field) => /^h(\(|\/|$)/i.test(field))) {
    throw refused('schedule.invalid', expression, 'H would be another time at every reading');
  }
}

function step(slots: CronExpression, expression: string): Date {
  try {
    return slots.next().toDate();
  } catch (cause) {
    throw neverFires(expression, cause);
  }
}

function everyHour(schedule: CronExpression): boolean {
  return schedule.fields.hour.values.length === 24;
}

function isUtc(timezone: string): boolean {
  return timezone === 'UTC' || timezone === 'Etc/UTC';
}

function neverFires(expression: string, cause?: unknown): InvalidError {
  return refused('schedule.never_fires', expression, 'no date matches it', cause);
}

function refused(code: string, expression: string, reason: string, cause?: unknown): InvalidError {
  const message = `The schedule "${expression.slice(0, MAX_LENGTH)}" is refused: ${reason}.`;
  return new InvalidError(code, message, { cause, errors: [{ field: 'sync_schedule', message: reason }] });
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1).replace(/\.$/, '');
}
