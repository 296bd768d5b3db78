import { InvalidError } from '../errors.ts';

const DAY_MS = 86_400_000;
const SECOND_MS = 1_000;

/**
 * The clock on the wall of one time zone. A wall time is milliseconds as if the zone were UTC: 01:30 on the wall of any zone is
 * the number that `Date.UTC(..., 1, 30)` gives.
 */
export interface WallClock {
  wallAt(instant: Date): number;
  /** The first instant that shows this wall time; for one that a gap skips, the end of the gap. */
  instantOf(wall: number): Date;
}

/** Throws InvalidError `schedule.timezone_unknown` unless the zone is an IANA name. */
export function wallClock(timezone: string): WallClock {
  const offsetAt = offsets(timezone);
  return {
    wallAt: (instant) => instant.getTime() + offsetAt(instant.getTime()),
    instantOf: (wall) => new Date(instantOf(wall, offsetAt)),
  };
}

/** Milliseconds the wall is ahead of UTC at an instant. */
type OffsetAt = (instantMs: number) => number;

function offsets(timezone: string): OffsetAt {
  const format = formatFor(timezone);
  return (instantMs) => {
    const parts = format.formatToParts(instantMs);
    const at = (type: Intl.DateTimeFormatPartTypes) =>
      Number(parts.find((part) => part.type === type)?.value);
    const wall = Date.UTC(at('year'), at('month') - 1, at('day'), at('hour'), at('minute'), at('second'));
    return wall - Math.floor(instantMs / SECOND_MS) * SECOND_MS;
  };
}

function formatFor(timezone: string): Intl.DateTimeFormat {
  try {
    if (!/^[A-Za-z][\w+\-/]*$/.test(timezone)) throw new RangeError('not an IANA name');
    return new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    const message = `The time zone "${timezone.slice(0, 64)}" is not known; use an IANA name such as Europe/Berlin.`;
    throw new InvalidError('schedule.timezone_unknown', message, {
      cause,
      errors: [{ field: 'timezone', message: 'must be an IANA time zone' }],
    });
  }
}

function instantOf(wall: number, offsetAt: OffsetAt): number {
  const before = wall - offsetAt(wall - DAY_MS);
  const after = wall - offsetAt(wall + DAY_MS);
  const shown = [before, after].filter((instant) => instant + offsetAt(instant) === wall);
  return shown.length > 0
    ? Math.min(...shown)
    : endOfGap(Math.min(before, after), Math.max(before, after), offsetAt);
}

/** The instant in (low, high] at which the offset changes. */
function endOfGap(low: number, high: number, offsetAt: OffsetAt): number {
  const offset = offsetAt(low);
  let [from, to] = [low, high];
  while (to - from > SECOND_MS) {
    const middle = Math.floor((from + to) / 2 / SECOND_MS) * SECOND_MS;
    if (offsetAt(middle) === offset) from = middle;
    else to = middle;
  }
  return to;
}
