import type { Db } from '../../db/client.ts';
import { type Counted, type FleetRows, readFleet } from '../../db/queries/fleet.ts';
import type { FleetInDatabase, Waiting } from '../../ports/fleet.ts';

/** What a slot may be late by without anybody being to blame: ticks, and a scheduler with much to do. */
const LATE_MS = 60_000;

/** What the control plane says of the whole fleet. Throws what the driver throws. */
export async function readDatabase(
  db: Db,
  { jitterMs, timeoutMs }: { jitterMs: number; timeoutMs: number },
): Promise<FleetInDatabase> {
  const rows = await readFleet(db, { graceMs: jitterMs + LATE_MS, timeoutMs });
  const { overdue, tasks, mappingJobs, outbox } = rows;
  const run = (status: string) => rows.runs.find((each) => each.status === status);
  return {
    connectors: {
      active: connectorsOf(rows, 'active'),
      paused: connectorsOf(rows, 'paused'),
      error: connectorsOf(rows, 'error'),
    },
    overdue: waiting(overdue),
    unfinishedRuns: {
      queued: run('queued')?.count ?? 0,
      running: run('running')?.count ?? 0,
      loading: run('loading')?.count ?? 0,
    },
    pools: {
      runner: waiting(waitingRuns(run('queued')), tasks),
      transform: waiting(waitingRuns(run('loading'))),
      mapping: waiting(mappingJobs),
    },
    outbox: waiting(outbox),
  };
}

function connectorsOf({ connectors }: FleetRows, status: string): number {
  return connectors.find((each) => each.status === status)?.count ?? 0;
}

function waitingRuns(run: FleetRows['runs'][number] | undefined): Counted {
  return { count: run?.waiting ?? 0, oldestS: run?.oldestS ?? null };
}

function waiting(...all: readonly Counted[]): Waiting {
  return {
    count: all.reduce((sum, { count }) => sum + count, 0),
    // a row that was written after the reading began is younger than nothing
    oldestS: Math.max(0, ...all.map(({ oldestS }) => oldestS ?? 0)),
  };
}
