import { setTimeout as wait } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Sql } from '../../src/db/client.ts';
import { type Installation, startInstallation } from '../shared/installation.ts';
import { CLI, type ServingProcess, startServing } from '../shared/ivory-process.ts';
import { BrokenBenchmark } from '../shared/outcome.ts';
import { seedConnectors } from '../shared/seed-connectors.ts';

export interface FleetRun {
  /** From the slot until every run is a row and its job on the queue. */
  seconds: number;
  /** Until the last run was a row. */
  rowsAfterS: number;
  /** Jobs the sweep put on the queue a second time, because their runs had waited for 30 s: the second one finds nothing to do. */
  sweptAgain: number;
}

export const SCHEDULERS = 3;
const LIMIT_S = 600;
const LOOK_MS = 100;
const LEAD_MS = 15_000;

/** One slot of `connectors` connectors worked off by three `ivory worker scheduler` processes; throws when one was missed or run twice. */
export async function dispatchOnce(
  connectors: number,
  tenants: number,
  store: 'redis' | 'postgres',
): Promise<FleetRun> {
  const installation = await startInstallation({ withRedis: store === 'redis' });
  const schedulers: ServingProcess[] = [];
  try {
    const environment = { ...installation.environment, SCHEDULE_JITTER_S: '0', LOG_LEVEL: 'warn' };
    const dueAt = new Date(Date.now() + LEAD_MS);
    await seedConnectors(installation.database.sql, { connectors, tenants, dueAt });
    const options = { environment, folder: installation.folder };
    const starts = Array.from({ length: SCHEDULERS }, () =>
      startServing(CLI, ['worker', 'scheduler'], options),
    );
    schedulers.push(...(await Promise.all(starts)));
    if (Date.now() >= dueAt.getTime()) throw new BrokenBenchmark('the seed took longer than its lead');
    await wait(dueAt.getTime() - Date.now());
    const run = await watch(installation, connectors, dueAt);
    return { ...run, sweptAgain: await verify(installation, connectors) };
  } finally {
    await Promise.all(schedulers.map((scheduler) => scheduler.end()));
    await installation.close();
  }
}

async function watch(
  { database, redis }: Installation,
  connectors: number,
  dueAt: Date,
): Promise<Omit<FleetRun, 'sweptAgain'>> {
  const queued = redis ? redisCount(redis.url) : postgresCount(database.sql);
  const elapsed = () => (Date.now() - dueAt.getTime()) / 1_000;
  let rowsAfterS: number | null = null;
  try {
    for (;;) {
      const left =
        await database.sql`select 1 from etl.meltano_connectors where next_run_at <= now() limit 1`;
      if (left.length === 0) rowsAfterS ??= elapsed();
      if ((await queued.count()) >= connectors)
        return { seconds: elapsed(), rowsAfterS: rowsAfterS ?? elapsed() };
      if (elapsed() > LIMIT_S) throw new BrokenBenchmark(`not dispatched within ${LIMIT_S} s`);
      await wait(LOOK_MS);
    }
  } finally {
    await queued.close();
  }
}

/** None missed, none run twice: in the rows and on the queue. Answers how many jobs say again what another says. */
async function verify({ database, redis }: Installation, connectors: number): Promise<number> {
  const [rows] =
    await database.sql`select count(*)::int as runs, count(distinct connector_id)::int as connectors,
    (select count(*)::int from etl.outbox) as waiting from etl.runner_jobs where status = 'queued'`;
  const jobs = redis ? await redisRunIds(redis.url) : await postgresRunIds(database.sql);
  const distinct = new Set(jobs);
  const runs = (await database.sql`select id from etl.runner_jobs`).map((row) => String(row['id']));
  const missing = runs.filter((id) => !distinct.has(id)).length;
  const right =
    rows?.['runs'] === connectors &&
    rows['connectors'] === connectors &&
    rows['waiting'] === 0 &&
    missing === 0;
  if (!right || distinct.size !== connectors) {
    const found = JSON.stringify({ ...rows, jobs: jobs.length, distinct: distinct.size, missing });
    throw new BrokenBenchmark(`connectors missed or run twice: ${found}`);
  }
  return jobs.length - distinct.size;
}

interface JobCount {
  count(): Promise<number>;
  close(): Promise<unknown>;
}

function redisCount(url: string): JobCount {
  const redis = new Redis(url);
  return { count: () => redis.llen('ivory:runner:wait'), close: () => redis.quit() };
}

function postgresCount(sql: Sql): JobCount {
  const count = async () => {
    const [row] = await sql`select count(*)::int as n from bullmq.job where queue = 'runner'`;
    return Number(row?.['n'] ?? 0);
  };
  return { count, close: async () => {} };
}

async function redisRunIds(url: string): Promise<string[]> {
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const queue = new Queue<{ runId: string }>('runner', { connection, prefix: 'ivory' });
  try {
    const jobs = await queue.getJobs(['wait'], 0, -1);
    return jobs.map((job) => job.data.runId);
  } finally {
    await queue.close();
    await connection.quit();
  }
}

async function postgresRunIds(sql: Sql): Promise<string[]> {
  const rows = await sql`select data from bullmq.job where queue = 'runner'`;
  return rows.map((row) => String(JSON.parse(String(row['data'])).runId));
}
