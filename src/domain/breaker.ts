import { BREAKER_THRESHOLD } from './connector-state.ts';

const BASE_MS = 60_000;
const JITTER = 0.2;

export type AfterFailure = { opens: true } | { opens: false; retryAt: Date };

/**
 * What a counted failure does to its connector: the third in a row opens the breaker; before, the run is tried again after
 * 60 s x 2^n, give or take 20 %, never later than the regular slot.
 * `failures` counts this one; `chance` is a random number in [0, 1).
 */
export function afterFailure(failures: number, now: Date, regularSlot: Date, chance: number): AfterFailure {
  if (failures >= BREAKER_THRESHOLD) return { opens: true };
  const delayMs = BASE_MS * 2 ** failures * (1 - JITTER + 2 * JITTER * chance);
  return { opens: false, retryAt: new Date(Math.min(now.getTime() + delayMs, regularSlot.getTime())) };
}
