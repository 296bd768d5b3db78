import { fail } from './errors.ts';

/**
 * Counts what one evaluation does and makes. Counted, not timed: the same value meets the same limit on a slow machine and on a fast one.
 * Both throw PyError: TimeoutError, MemoryError.
 */
export interface Meter {
  /** `steps` of about 50 ns. */
  spend(steps: number): void;
  /** Called before the bytes are taken. */
  allocate(bytes: number): void;
  /** Starts the next evaluation. */
  reset(): void;
}

export interface MeterLimits {
  steps: number;
  bytes: number;
}

/** Characters of one text, elements of one list. */
export const MAX_LENGTH = 10_000_000;

export function createMeter(limits: MeterLimits): Meter {
  let steps = 0;
  let bytes = 0;
  return {
    spend(count) {
      steps += count;
      if (!(steps <= limits.steps))
        throw fail('TimeoutError', `the value takes more than ${limits.steps.toLocaleString('en')} steps`);
    },
    allocate(count) {
      bytes += count;
      if (!(bytes <= limits.bytes))
        throw fail('MemoryError', `the value needs more than ${Math.round(limits.bytes / 1e6)} MB`);
    },
    reset() {
      steps = 0;
      bytes = 0;
    },
  };
}
