import { nextSlot } from '../../domain/schedule.ts';
import { InvalidError } from '../../errors.ts';

/**
 * A connector's next slot, or why its schedule has none any more: it was checked when it was saved, but a zone can vanish with an
 * update of the time zone data. One such row must not stop the work on all others.
 */
export function slotAfter(
  { syncSchedule, timezone }: { syncSchedule: string; timezone: string },
  now: Date,
): { at: Date } | { broken: string } {
  try {
    return { at: nextSlot(syncSchedule, timezone, now) };
  } catch (error) {
    if (error instanceof InvalidError) return { broken: error.message };
    throw error;
  }
}
