import type { Deps } from '../../context.ts';
import { prune } from '../../services/maintenance/prune.ts';
import { relayOutbox } from '../../services/outbox/relay.ts';
import { dispatchDue } from '../../services/runs/dispatch-due.ts';
import { reapLost } from '../../services/runs/reap-lost.ts';
import { sweepWaiting } from '../../services/runs/sweep-waiting.ts';
import { sweepTasks } from '../../services/tasks/sweep.ts';
import { type PoolWorker, startPool, type WorkerOptions } from '../pool.ts';

/** Pools some of whose jobs come by the clock. */
const TICKING = ['scheduler', 'transform', 'mapping'] as const;
/** How often the ticks are put back: a flushed Redis forgets them. */
const TICKS_AGAIN_MS = 5_000;

/** Dispatches due connectors, relays the outbox, takes back lost runs. Any number may run at once. */
export async function startScheduler(deps: Deps, options: WorkerOptions): Promise<PoolWorker> {
  const worker = await startPool(deps, options, {
    'dispatch-due': async ({ signal }) =>
      tell(deps, 'dispatch.ended', { runs: await dispatchDue(deps, signal) }),
    'relay-outbox': async () => void (await relayOutbox(deps)),
    'reap-lost': async () => {
      const runs = await reapLost(deps);
      tell(deps, 'reap.ended', { runs, tasks: await sweepTasks(deps) });
    },
    prune: async ({ signal }) => void (await prune(deps, signal)),
    'sweep-waiting': async () => tell(deps, 'sweep.ended', { jobs: await sweepWaiting(deps) }),
  });
  const upsert = () =>
    Promise.all(TICKING.map((pool) => options.store.upsertTicks(pool))).catch((error: unknown) => {
      deps.log.warn({ event: 'ticks.not_set', err: error }, 'the ticks could not be set; trying again');
    });
  await upsert();
  const timer = setInterval(() => void upsert(), TICKS_AGAIN_MS);
  return {
    consumers: worker.consumers,
    async close(graceMs) {
      clearInterval(timer);
      await worker.close(graceMs);
    },
  };
}

/** A tick that found nothing to do says nothing. */
function tell({ log }: Deps, event: string, counts: Record<string, number>): void {
  if (Object.values(counts).some((count) => count > 0)) log.info({ event, ...counts }, 'a tick did its work');
}
