import type { Deps } from '../../context.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import { findWaitingMappingJobs, findWaitingRuns } from '../../db/queries/waiting-runs.ts';
import { executeEntry, loadEntry } from './entries.ts';

const WAITED_MS = 30_000;
const BATCH = 1_000;
/** Bounds one sweep; the next comes in half a minute. */
const MAX_BATCHES = 20;
/** A job the queue still knows is not added twice; one it has finished without effect is added again after this time. */
const AGAIN_EVERY_MS = 10 * 60_000;

/** Enqueues again what waits in a row: the queue's store may have been flushed. Answers how many it looked after. */
export async function sweepWaiting(deps: Deps): Promise<number> {
  const mappings = await findWaitingMappingJobs(deps.database.db, WAITED_MS, BATCH);
  await enqueue(deps, mappings.map(mappingEntry));
  let swept = mappings.length;
  let after = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch++) {
    const page = { olderThanMs: WAITED_MS, after, limit: BATCH };
    const runs = await findWaitingRuns(deps.database.db, page);
    await enqueue(
      deps,
      runs.map(({ id, fence, status }) =>
        status === 'queued' ? executeEntry(id, fence) : loadEntry(id, fence),
      ),
    );
    swept += runs.length;
    after = runs.at(-1)?.loadId ?? after;
    if (runs.length < BATCH) break;
  }
  return swept;
}

async function enqueue({ producer, now }: Deps, entries: readonly OutboxEntry[]): Promise<void> {
  const epoch = Math.floor(now().getTime() / AGAIN_EVERY_MS);
  await producer.addMany(
    entries.map(({ job, payload, jobId }) => ({ name: job, payload, jobId: `${jobId}-s${epoch}` })),
  );
}

function mappingEntry(mappingJobId: string): OutboxEntry {
  return { job: 'propose-mappings', payload: { mappingJobId }, jobId: `mapping-${mappingJobId}` };
}
