import type { Deps } from '../../context.ts';
import {
  advanceSlots,
  claimDueConnectors,
  type DueConnector,
  insertRuns,
  stopBroken,
} from '../../db/queries/due-connectors.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import { relaySoon } from '../outbox/relay.ts';
import { executeEntry } from './entries.ts';
import { slotAfter } from './slot-after.ts';

const BATCH = 500;

/**
 * Makes one queued run for every active connector whose time has come, and moves each to its next slot after now: a scheduler that was
 * down for hours makes one catch-up run a connector. A connector whose last run is unfinished skips the slot. Answers how many runs it made.
 */
export async function dispatchDue(deps: Deps, signal?: AbortSignal): Promise<number> {
  let dispatched = 0;
  for (;;) {
    const batch = await dispatchBatch(deps);
    dispatched += batch.made;
    if (batch.made > 0) await relaySoon(deps);
    if (batch.claimed < BATCH || signal?.aborted) return dispatched;
  }
}

function dispatchBatch({ database, newId, settings }: Deps): Promise<{ claimed: number; made: number }> {
  return database.db.transaction(async (tx) => {
    const due = await claimDueConnectors(tx, {
      batch: BATCH,
      tenantMaxRuns: settings.tenantMaxRuns,
      jitterMs: settings.scheduleJitterMs,
    });
    const next = due.map((connector) => ({
      connector,
      id: connector.id,
      ...slotAfter(connector, connector.now),
    }));
    const ready = next.filter((slot) => 'at' in slot);
    const made = await insertRuns(
      tx,
      ready.map(({ connector }) => runFor(connector, newId())),
    );
    await advanceSlots(tx, ready);
    await stopBroken(
      tx,
      next.filter((slot) => 'broken' in slot),
    );
    await addToOutbox(tx, ...made.map((runId) => executeEntry(runId, 0)));
    return { claimed: due.length, made: made.length };
  });
}

function runFor(connector: DueConnector, id: string) {
  return {
    id,
    tenantId: connector.tenantId,
    connectorId: connector.id,
    trigger: connector.trigger ?? ('schedule' as const),
    scheduledFor: connector.slot,
  };
}
