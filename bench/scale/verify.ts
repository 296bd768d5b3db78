import { BrokenBenchmark } from '../shared/outcome.ts';
import type { Observer } from './postgres-figures.ts';
import { ROWS } from './small-tap.ts';

export interface Lags {
  /** Seconds from a run's slot until a worker had it: half, 95 of 100, all of the runs. */
  claimed: number[];
  /** Of the tap and its staging. */
  staging: number[];
  /** From the report of a run until it was loaded. */
  loaded: number[];
}

/** One run a connector, each completed with every row, and nothing left behind; throws BrokenBenchmark otherwise. Answers how long they waited. */
export async function verifyRuns({ sql }: Observer, runs: number, since: string): Promise<Lags> {
  const [found] = await sql<Record<string, number>[]>`
    select count(*)::int as ended, count(distinct r.connector_id)::int as connectors,
      count(*) filter (where r.status = 'completed' and r.rows_loaded = ${ROWS} and r.transform_errors = 0)::int as whole,
      (select count(*)::int from etl.runner_jobs where status in ('queued', 'running', 'loading')) as unfinished,
      (select count(*)::int from etl.outbox) as promised
    from etl.sync_runs r join etl.runner_jobs j using (id) where j.finished_at >= ${since}::timestamptz`;
  const isRight =
    found?.['ended'] === runs &&
    found['connectors'] === runs &&
    found['whole'] === runs &&
    found['unfinished'] === 0;
  if (!isRight) {
    const errors = await sql`select status, error_code, left(error_msg, 200) as message, count(*)::int as runs
      from etl.sync_runs where status <> 'completed' group by 1, 2, 3 order by 4 desc limit 5`;
    throw new BrokenBenchmark(`runs lost, doubled or cut: ${JSON.stringify({ ...found, errors })}`);
  }
  const [lags] = await sql<{ claimed: number[]; staging: number[]; loaded: number[] }[]>`
    select ${percentiles(sql, 'started_at - scheduled_for')} as claimed, ${percentiles(sql, 'reported_at - started_at')} as staging,
      ${percentiles(sql, 'finished_at - reported_at')} as loaded
    from etl.runner_jobs where finished_at >= ${since}::timestamptz`;
  if (!lags) throw new BrokenBenchmark('Postgres does not answer');
  return lags;
}

function percentiles(sql: Observer['sql'], lag: string) {
  return sql.unsafe(
    `array(select round(p::numeric, 2)::float8 from unnest(
      percentile_disc(array[0.5, 0.95, 1]) within group (order by extract(epoch from ${lag}))) p)`,
  );
}
