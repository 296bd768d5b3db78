import type { Queue } from 'bullmq';
import type { FleetInQueues } from '../ports/fleet.ts';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;

/** How much is on each queue, and for how long the first waiting job has been. Never settles while their store is away. */
export async function readDepths(queues: readonly Queue[]): Promise<FleetInQueues> {
  const read = queues.map(async (queue) => [queue.name, await depthOf(queue)] as const);
  return Object.fromEntries(await Promise.all(read));
}

async function depthOf(queue: Queue): Promise<FleetInQueues[string]> {
  const [counts, [first]] = await Promise.all([
    queue.getJobCounts(...STATES),
    queue.getJobs(['waiting'], 0, 0, true),
  ]);
  const jobs = Object.fromEntries(STATES.map((state) => [state, counts[state] ?? 0]));
  return { jobs, oldestS: first ? waitedS(first) : 0 };
}

/** A job that was delayed or delivered before has waited since then, not since it was made. */
function waitedS({ timestamp, delay, processedOn = 0 }: Waited): number {
  return Math.max(0, (Date.now() - Math.max(timestamp + delay, processedOn)) / 1000);
}

interface Waited {
  timestamp: number;
  delay: number;
  processedOn?: number;
}
