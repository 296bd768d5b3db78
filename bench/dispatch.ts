import { startRedis } from '../test/harness/redis-server.ts';
import { addEmptyJobs } from './dispatch/empty-jobs.ts';
import { dispatchOnce, type FleetRun, SCHEDULERS } from './dispatch/fleet.ts';
import { alternate, type BenchOptions, median, type Outcome, rounded, type Side } from './shared/outcome.ts';

const CONNECTORS = 100_000;
const TENANTS = 1_000;
const AIM_S = 60;

/** Dispatch of one slot that all connectors share, until each has its run's row and its job on the queue. */
export async function run({ rounds, say }: BenchOptions): Promise<Outcome> {
  const hasRedis = await redisRuns();
  const stores = hasRedis ? (['redis', 'postgres'] as const) : (['postgres'] as const);
  if (!hasRedis) say('NO REDIS on this machine: the queues in Postgres are measured alone.');
  const sides: Record<string, Side> = {};
  let first: { seconds: number; ratio: number } | null = null;
  for (const store of stores) {
    const measured = await measure(store, rounds ?? (first === null ? 3 : 1), say);
    sides[`ivory, ${SCHEDULERS} schedulers, queues in ${store}`] = measured.ivory;
    sides[`BullMQ addBulk, ${store}`] = measured.bullmq;
    first ??= measured;
  }
  return {
    name: 'dispatch',
    aim: `${CONNECTORS.toLocaleString('en')} due connectors dispatched within ${AIM_S} s, none missed, none twice`,
    ratio: first?.ratio ?? null,
    ok: first !== null && first.seconds <= AIM_S,
    sides,
    notes: [
      `${CONNECTORS.toLocaleString('en')} connectors of ${TENANTS.toLocaleString('en')} tenants, all due at one second; ${SCHEDULERS} processes \`ivory worker scheduler\`, settings as shipped but SCHEDULE_JITTER_S=0 (30 by default spreads a herd on purpose)`,
      'the clock starts at the slot, so the wait for the next tick (up to 5 s) is in it; the three join tick by tick',
      'after each round every run id is compared with the jobs on the queue: one run a connector, a job for each run, nothing left in the outbox; a run that waits for 30 s without a worker (none runs here) is swept once more',
      `ratio: seconds of ivory for each second of addBulk (${stores[0]}); addBulk writes empty jobs in calls of 1,000 from one process, no row, no schedule, no transaction`,
    ],
  };
}

type Measured = Pick<FleetRun, 'seconds' | 'sweptAgain'>;

async function measure(store: 'redis' | 'postgres', rounds: number, say: (line: string) => void) {
  const { ivory, bullmq } = await alternate<'ivory' | 'bullmq', Measured>(rounds, {
    ivory: async (round) => {
      const figures = await dispatchOnce(CONNECTORS, TENANTS, store);
      say(`${store} round ${round}: ivory ${figures.seconds.toFixed(1)} s`);
      return figures;
    },
    bullmq: async (round) => {
      const seconds = await addEmptyJobs(CONNECTORS, store);
      say(`${store} round ${round}: addBulk ${seconds.toFixed(1)} s`);
      return { seconds, sweptAgain: 0 };
    },
  });
  const seconds = median(ivory.map((figures) => figures.seconds));
  const bare = median(bullmq.map((figures) => figures.seconds));
  return {
    seconds,
    ratio: rounded(seconds / bare, 1),
    ivory: {
      seconds: rounded(seconds, 1),
      runs_per_s: Math.round(CONNECTORS / seconds),
      jobs_swept_again: Math.max(...ivory.map((figures) => figures.sweptAgain)),
      rounds_s: ivory.map((figures) => rounded(figures.seconds, 1)),
    },
    bullmq: {
      seconds: rounded(bare, 1),
      jobs_per_s: Math.round(CONNECTORS / bare),
      rounds_s: bullmq.map((figures) => rounded(figures.seconds, 1)),
    },
  };
}

async function redisRuns(): Promise<boolean> {
  const redis = await startRedis();
  await redis?.stop();
  return redis !== null;
}
