import type { QueueBackend } from './backend.ts';
import { JOBS, type JobDefinition, jobsOf, type Pool } from './catalog.ts';
import { answerOf } from './deadline.ts';
import { jobOptions } from './job-options.ts';

/**
 * Makes sure the pool's ticks are on its queue. Cheap, changes nothing when they are; a scheduler calls it again and again,
 * because a store that was flushed has forgotten them.
 */
export async function upsertTicks(backend: QueueBackend, pool: Pool, timeoutMs: number): Promise<void> {
  for (const name of jobsOf(pool)) {
    const { everyMs }: JobDefinition = JOBS[name];
    if (everyMs === undefined) continue;
    const template = { name, data: {}, opts: jobOptions(name) };
    await answerOf(
      () => backend.queues[pool].upsertJobScheduler(name, { every: everyMs }, template),
      timeoutMs,
    );
  }
}
