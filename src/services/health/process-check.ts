import { UnavailableError } from '../../errors.ts';
import { type Check, NO_WARNINGS } from './check.ts';

const BEAT_MS = 500;
/** Locks and leases are renewed in time as long as nothing holds up the process for longer. */
const BLOCKED_MS = 5_000;
/** For so long the last block counts. */
const RECENT_MS = 10_000;

/** Down for a while after something held up the whole process. */
export function processCheck(clock = () => performance.now()): Check {
  let beatAt = clock();
  let blockedAt = Number.NEGATIVE_INFINITY;
  const beat = () => {
    if (clock() - beatAt > BLOCKED_MS) blockedAt = clock();
    beatAt = clock();
  };
  const timer = setInterval(beat, BEAT_MS).unref();
  return {
    name: 'event_loop',
    required: true,
    async ask() {
      beat();
      if (clock() - blockedAt < RECENT_MS)
        throw new UnavailableError('process.blocked', 'Something held up this process for seconds.');
      return NO_WARNINGS;
    },
    async close() {
      clearInterval(timer);
    },
  };
}
