import type { Deps } from '../../context.ts';
import { takeFromOutbox } from '../../db/queries/outbox.ts';

const BATCH = 200;

/**
 * Puts everything the outbox holds on its queues. At least once: an entry leaves the outbox only after its queue has taken it.
 * Throws UnavailableError when a queue does not answer; nothing is lost then.
 */
export async function relayOutbox(deps: Deps): Promise<number> {
  let relayed = 0;
  for (;;) {
    const count = await relayBatch(deps);
    relayed += count;
    if (count < BATCH) return relayed;
  }
}

/** Relays right after a commit so that nobody waits for the next tick. Never throws: the tick comes anyway. */
export async function relaySoon(deps: Deps): Promise<void> {
  try {
    await relayOutbox(deps);
  } catch (error) {
    deps.log.warn(
      { event: 'outbox.kept', err: error },
      'the queue is not reachable; the outbox is kept for the next tick',
    );
  }
}

function relayBatch({ database, producer }: Deps): Promise<number> {
  return database.db.transaction(async (tx) => {
    const entries = await takeFromOutbox(tx, BATCH);
    await producer.addMany(entries.map(({ job, payload, jobId }) => ({ name: job, payload, jobId })));
    return entries.length;
  });
}
