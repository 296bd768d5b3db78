import { setTimeout as wait } from 'node:timers/promises';
import { BrokenBenchmark, rounded } from '../shared/outcome.ts';
import type { Observer } from './postgres-figures.ts';

const LOOK_MS = 500;
const SAY_MS = 5_000;

export interface Watch {
  seconds: number;
  /** Connectors whose time had come and that had no run yet, about every five seconds. */
  overdue: number[];
}

/** Waits until so many runs have ended since the clock of the database stood at `since`. */
export async function untilEnded(
  { sql }: Observer,
  { runs, since, limitS }: { runs: number; since: string; limitS: number },
  say: (line: string) => void,
): Promise<Watch> {
  const startedAt = performance.now();
  const elapsedS = () => (performance.now() - startedAt) / 1_000;
  const overdue: number[] = [];
  let saidAt = Number.NEGATIVE_INFINITY;
  for (;;) {
    const [row] = await sql<
      { ended: number; overdue: number; queued: number; running: number; loading: number }[]
    >`
      select (select count(*)::int from etl.runner_jobs where finished_at >= ${since}::timestamptz) as ended,
        (select count(*)::int from etl.meltano_connectors where status = 'active' and next_run_at <= now()) as overdue,
        count(*) filter (where status = 'queued')::int as queued, count(*) filter (where status = 'running')::int as running,
        count(*) filter (where status = 'loading')::int as loading
      from etl.runner_jobs where status in ('queued', 'running', 'loading')`;
    if (!row) throw new BrokenBenchmark('Postgres does not answer');
    const isDone = row.ended >= runs;
    if (isDone || performance.now() - saidAt >= SAY_MS) {
      saidAt = performance.now();
      overdue.push(row.overdue);
      const { ended, queued, running, loading } = row;
      say(
        `  ${rounded(elapsedS(), 0)} s: ${row.overdue} overdue, ${queued} queued, ${running} running, ${loading} loading, ${ended} ended`,
      );
    }
    if (isDone) return { seconds: elapsedS(), overdue };
    if (elapsedS() > limitS)
      throw new BrokenBenchmark(`${row.ended} of ${runs} runs ended within ${limitS} s`);
    await wait(LOOK_MS);
  }
}

/** Waits until no connector is due. Answers the seconds. */
export async function untilDispatched(
  { sql }: Observer,
  limitS: number,
  say: (line: string) => void,
): Promise<Watch> {
  const startedAt = performance.now();
  const elapsedS = () => (performance.now() - startedAt) / 1_000;
  const overdue: number[] = [];
  let saidAt = performance.now();
  for (;;) {
    const [row] = await sql<{ due: number; waiting: number }[]>`
      select (select count(*)::int from etl.meltano_connectors where status = 'active' and next_run_at <= now()) as due,
        (select count(*)::int from etl.outbox) as waiting`;
    const left = (row?.due ?? 0) + (row?.waiting ?? 0);
    if (left === 0 || performance.now() - saidAt >= SAY_MS) {
      saidAt = performance.now();
      overdue.push(row?.due ?? 0);
      say(`  ${rounded(elapsedS(), 0)} s: ${row?.due} overdue, ${row?.waiting} promised to the queue`);
    }
    if (left === 0) return { seconds: elapsedS(), overdue };
    if (elapsedS() > limitS) throw new BrokenBenchmark(`not dispatched within ${limitS} s`);
    await wait(LOOK_MS);
  }
}
