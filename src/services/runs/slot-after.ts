import { assertSchedule, nextSlot } from '../../domain/schedule.ts';
import { InvalidError, messageOf } from '../../errors.ts';

interface Schedule {
  syncSchedule: string;
  timezone: string;
}

/**
 * A connector's next slot, or why its schedule has none any more: it was checked when it was saved, but a zone can vanish with an
 * update of the time zone data. One such row must not stop the work on all others.
 */
export function slotAfter(schedule: Schedule, now: Date): { at: Date } | { broken: string } {
  try {
    return { at: nextSlot(schedule.syncSchedule, schedule.timezone, now) };
  } catch (error) {
    if (error instanceof InvalidError) return { broken: reasonOf(schedule, now, error) };
    throw error;
  }
}

/** The check that a schedule is saved by tells the zone's fault from the expression's. */
function reasonOf({ syncSchedule, timezone }: Schedule, now: Date, error: InvalidError): string {
  try {
    assertSchedule(syncSchedule, timezone, now);
    return error.message;
  } catch (found) {
    return messageOf(found);
  }
}
