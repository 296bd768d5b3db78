import type { Deps } from '../../context.ts';
import {
  advanceSlots,
  chooseDueConnectors,
  claimDueConnectors,
  type DueLimits,
  insertRuns,
  type NewRun,
  stopBroken,
} from '../../db/queries/due-connectors.ts';
import { addToOutbox } from '../../db/queries/outbox.ts';
import { isPromised } from '../../domain/run-state.ts';
import { relaySoon } from '../outbox/relay.ts';
import { executeEntry } from './entries.ts';
import { type Dispatch, openDispatch, tellDispatch } from './open-dispatch.ts';
import { rememberedSlots } from './remembered-slots.ts';
import type { slotAfter } from './slot-after.ts';

/** Connectors ranked at once: ranking looks at all that is due, 0.2 s for 100,000, and must not be paid for every batch. */
const ROUND = 10_000;
/** Connectors one transaction moves. */
const BATCH = 500;

/**
 * Makes one queued run for every active connector whose time has come, and moves each to its next slot after now: a scheduler that was
 * down for hours makes one catch-up run a connector. A connector whose last run is unfinished skips the slot. Answers how many runs it made.
 */
export async function dispatchDue(deps: Deps, signal?: AbortSignal): Promise<number> {
  const limits = {
    tenantMaxRuns: deps.settings.tenantMaxRuns,
    jitterMs: deps.settings.scheduleJitterMs,
  };
  const slotOf = rememberedSlots();
  let dispatched = 0;
  for (;;) {
    const chosen = await chooseDueConnectors(deps.database.db, limits, ROUND);
    let claimed = 0;
    for (const ids of batchesFromAnywhere(chosen)) {
      const batch = await dispatchBatch(deps, ids, limits, slotOf);
      if (batch.made > 0) await relaySoon(deps);
      claimed += batch.claimed;
      dispatched += batch.made;
      if (signal?.aborted) return dispatched;
    }
    if (chosen.length < ROUND || claimed === 0) return dispatched;
  }
}

/** Schedulers that look at the same moment choose the same connectors: each starts at another place, or all would want the same batch. */
function batchesFromAnywhere(ids: readonly string[]): string[][] {
  const count = Math.ceil(ids.length / BATCH);
  const first = Math.floor(Math.random() * count);
  return Array.from({ length: count }, (_, i) => {
    const start = ((first + i) % count) * BATCH;
    return ids.slice(start, start + BATCH);
  });
}

async function dispatchBatch(
  deps: Deps,
  ids: readonly string[],
  limits: DueLimits,
  slotOf: typeof slotAfter,
): Promise<{ claimed: number; made: number }> {
  const dispatches: Dispatch[] = [];
  try {
    const made = await deps.database.db.transaction(async (tx) => {
      const due = await claimDueConnectors(tx, ids, limits);
      const next = due.map((connector) => {
        const dispatch = openDispatch(deps, connector);
        dispatches.push(dispatch);
        return { id: connector.id, run: dispatch.run, ...slotOf(connector, connector.now) };
      });
      const ready = next.filter((slot) => 'at' in slot);
      const runIds = await insertRuns(
        tx,
        ready.map(({ run }) => run),
      );
      await advanceSlots(tx, ready.filter(keepsNoPromise(runIds)));
      await stopBroken(
        tx,
        next.filter((slot) => 'broken' in slot),
      );
      await addToOutbox(tx, ...runIds.map((runId) => executeEntry(runId, 0)));
      return new Set(runIds);
    });
    for (const dispatch of dispatches) tellDispatch(deps, dispatch, made);
    return { claimed: dispatches.length, made: made.size };
  } finally {
    for (const { span } of dispatches) span.end();
  }
}

/** A trigger that met a run which began a moment ago stays due. */
function keepsNoPromise(made: readonly string[]) {
  const ids = new Set(made);
  return ({ run }: { run: NewRun }) => ids.has(run.id) || !isPromised(run.trigger);
}
