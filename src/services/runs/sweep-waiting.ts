import type { Deps } from '../../context.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import { findWaitingMappingJobs, findWaitingRuns } from '../../db/queries/waiting-runs.ts';
import { executeEntry, loadEntry } from './entries.ts';

const WAITED_MS = 30_000;
const BATCH = 1_000;
/** A job the queue still knows is not added twice; one it has finished without effect is added again after this time. */
const AGAIN_EVERY_MS = 10 * 60_000;

/** Enqueues again what waits in a row: the queue's store may have been flushed. Answers how many it looked after. */
export async function sweepWaiting({ database, producer, now }: Deps): Promise<number> {
  const epoch = Math.floor(now().getTime() / AGAIN_EVERY_MS);
  const runs = await findWaitingRuns(database.db, WAITED_MS, BATCH);
  const mappings = await findWaitingMappingJobs(database.db, WAITED_MS, BATCH);
  const entries = [
    ...runs.map(({ id, fence, status }) =>
      status === 'queued' ? executeEntry(id, fence) : loadEntry(id, fence),
    ),
    ...mappings.map(mappingEntry),
  ];
  await producer.addMany(
    entries.map(({ job, payload, jobId }) => ({ name: job, payload, jobId: `${jobId}-s${epoch}` })),
  );
  return entries.length;
}

function mappingEntry(mappingJobId: string): OutboxEntry {
  return { job: 'propose-mappings', payload: { mappingJobId }, jobId: `mapping-${mappingJobId}` };
}
