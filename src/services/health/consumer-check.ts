import { UnavailableError } from '../../errors.ts';
import type { WatchedConsumer } from '../../queues/ports.ts';
import { type Check, NO_WARNINGS } from './check.ts';

/** Jobs waited so long while the worker had a free hand and took none. */
const IDLE_MS = 6_000;
/** After this it will not come back by itself. */
const STUCK_MS = 120_000;

export interface ConsumerCheck extends Check {
  /** True: it has stood still for so long that only a restart helps. */
  isStuck(): boolean;
}

/** Whether a pool's worker is connected and takes what waits for it. A pool that an operator has paused is a warning. */
export function consumerCheck(
  { pool, concurrency, state, look }: WatchedConsumer,
  clock = () => performance.now(),
): ConsumerCheck {
  let seenTaken = -1;
  let idleSince: number | null = null;
  const idleMs = () => (idleSince === null ? 0 : clock() - idleSince);
  return {
    name: `worker_${pool}`,
    required: true,
    async ask() {
      const { waiting, paused } = await look().catch((error: unknown) => {
        // of a store that is down nothing is known
        idleSince = null;
        throw error;
      });
      const { connected, running, taken } = state();
      const couldTake = waiting > 0 && !paused && running < concurrency && taken === seenTaken;
      seenTaken = taken;
      if (couldTake) idleSince ??= clock();
      else idleSince = null;
      if (!connected)
        throw new UnavailableError('worker.disconnected', `The ${pool} worker is not connected.`);
      if (idleMs() >= IDLE_MS)
        throw new UnavailableError('worker.takes_no_jobs', `The ${pool} worker takes no jobs.`);
      return paused ? ['queue.paused'] : NO_WARNINGS;
    },
    isStuck: () => idleMs() >= STUCK_MS,
  };
}
