import { setTimeout as wait } from 'node:timers/promises';
import type { Installation } from '../shared/installation.ts';
import type { Fleet } from './fleet.ts';
import {
  between,
  type Observer,
  type PostgresFigures,
  postgresFigures,
  resetStatements,
  topStatements,
} from './postgres-figures.ts';
import { cpuBetween, figuresOf, type ProcessFigures, type Watched } from './process-figures.ts';
import { type RedisFigures, redisFigures } from './redis-figures.ts';
import { type Lags, verifyRuns } from './verify.ts';
import { untilDispatched, untilEnded, type Watch } from './watch-runs.ts';

export interface Pauses {
  /** What the fleet does at rest is measured for so long. */
  restMs: number;
  /** Before each measurement, so that what went before is over. */
  settleMs: number;
  /** From the statement that makes all connectors due at once to when they are: it takes a while itself. */
  untilDueMs: number;
}

export interface Subjects {
  pauses: Pauses;
  installation: Installation;
  observer: Observer;
  fleet: Fleet;
}

/** What everything used while something went on. */
export interface Used {
  seconds: number;
  cpuS: Record<string, number>;
  peakMb: Record<string, number>;
  postgres: PostgresFigures;
  redis: RedisFigures | null;
  byTime: string[];
  byCalls: string[];
}

export interface FleetRound extends Used, Watch {
  lags: Lags;
}

const LIMIT_S = 3_600;
const TOP = 12;

/** What the fleet does when nothing is due. */
export function measureIdle(subjects: Subjects): Promise<Used> {
  return used(subjects, async () => {
    await wait(subjects.pauses.restMs);
    return {};
  });
}

/** The first `runs` connectors fall due at once; their runs are waited for and verified. */
export function measureRound(
  subjects: Subjects,
  runs: number,
  say: (line: string) => void,
): Promise<FleetRound> {
  const { observer } = subjects;
  return used(subjects, async () => {
    // a schedule of its own would fall into a long round for some of them
    const [clock] = await observer.sql<{ since: string }[]>`
      with due as (
        update etl.meltano_connectors set next_run_at = now(), sync_schedule = '0 0 29 2 *' where substring(iomete_table from 7)::int <= ${runs} returning 1
      ) select clock_timestamp()::text as since, count(*) from due`;
    const since = clock?.since ?? '';
    const watched = await untilEnded(observer, { runs, since, limitS: LIMIT_S }, say);
    return { ...watched, lags: await verifyRuns(observer, runs, since) };
  });
}

/** Every connector falls due at once, with no worker to take the runs. */
export function measureDispatch(subjects: Subjects, say: (line: string) => void): Promise<Used & Watch> {
  const { observer, pauses } = subjects;
  return used(subjects, async () => {
    await observer.sql`
      update etl.meltano_connectors set next_run_at = now() + ${pauses.untilDueMs} * interval '1 millisecond'`;
    await wait(pauses.untilDueMs);
    return untilDispatched(observer, LIMIT_S, say);
  });
}

async function used<Found extends object>(
  { installation, observer, fleet, pauses }: Subjects,
  work: () => Promise<Found>,
): Promise<Used & Found> {
  await wait(pauses.settleMs);
  await resetStatements(observer);
  const look = async () => ({
    at: performance.now(),
    processes: figuresOf(watchedOf(installation, fleet)),
    postgres: await postgresFigures(observer),
    redis: installation.redis ? await redisFigures(installation.redis.url) : null,
  });
  const before = await look();
  const found = await work();
  const after = await look();
  return {
    seconds: (after.at - before.at) / 1_000,
    cpuS: cpuBetween(before.processes, after.processes),
    peakMb: peaksOf(after.processes),
    postgres: between(before.postgres, after.postgres),
    redis: after.redis && {
      commands: after.redis.commands - (before.redis?.commands ?? 0),
      cpuS: after.redis.cpuS - (before.redis?.cpuS ?? 0),
      peakMb: after.redis.peakMb,
    },
    byTime: await topStatements(observer, TOP, 'time'),
    byCalls: await topStatements(observer, TOP, 'calls'),
    ...found,
  };
}

function watchedOf({ postgresPid, redis }: Installation, fleet: Fleet): Watched[] {
  return [
    ...fleet.members.map(({ kind, pid }) => ({
      label: kind,
      pid,
      children: kind === 'runner' ? 'taps' : kind,
    })),
    { label: 'postgres', pid: postgresPid, children: 'postgres' },
    ...(redis ? [{ label: 'redis', pid: redis.pid, children: 'redis' }] : []),
  ];
}

function peaksOf({ peakMb }: ProcessFigures): Record<string, number> {
  return Object.fromEntries(Object.entries(peakMb).filter(([, mb]) => mb > 0));
}
