import { wallClock } from './wall-clock.ts';

const MINUTE_MS = 60_000;

/** An instant as the zone's wall shows it, ISO 8601 with its offset: "2026-03-29T03:00:00+02:00". Throws InvalidError `schedule.timezone_unknown`. */
export function localTime(instant: Date, timezone: string): string {
  const wall = wallClock(timezone).wallAt(instant);
  const minutes = Math.round((wall - instant.getTime()) / MINUTE_MS);
  const offset = `${twoDigits(Math.floor(Math.abs(minutes) / 60))}:${twoDigits(Math.abs(minutes) % 60)}`;
  return `${new Date(wall).toISOString().slice(0, 19)}${minutes < 0 ? '-' : '+'}${offset}`;
}

function twoDigits(count: number): string {
  return String(count).padStart(2, '0');
}
