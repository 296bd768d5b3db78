import type { Deps } from '../../context.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import { findWaitingMappingJobs, findWaitingRuns } from '../../db/queries/waiting-runs.ts';
import { executeEntry, loadEntry } from './entries.ts';

const WAITED_MS = 30_000;
const BATCH = 1_000;
/** Bounds one sweep; the next comes in half a minute. */
const MAX_BATCHES = 20;
/**
 * Enqueues again what waits in a row: the queue's store may have been flushed, or its job has ended without effect. A job that still
 * waits there is not doubled. Answers how many it looked after.
 */
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

async function enqueue({ producer }: Deps, entries: readonly OutboxEntry[]): Promise<void> {
  await producer.addMany(
    entries.map(({ job, payload, jobId }) => ({ name: job, payload, jobId })),
    { replaceEnded: true },
  );
}

function mappingEntry(mappingJobId: string): OutboxEntry {
  return { job: 'propose-mappings', payload: { mappingJobId }, jobId: `mapping-${mappingJobId}` };
}
