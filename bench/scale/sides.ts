import { rounded, type Side } from '../shared/outcome.ts';
import type { FleetRound, Used } from './round.ts';
import type { Watch } from './watch-runs.ts';

/** What happens in a second when nothing is due. */
export function sideOfIdle(used: Used): Side {
  const { seconds, postgres, redis } = used;
  return {
    seconds: rounded(seconds, 1),
    statements_per_s: rounded(postgres.statements / seconds, 1),
    commits_per_s: rounded(postgres.commits / seconds, 1),
    rows_scanned_per_s: Math.round(postgres.returned / seconds),
    ...(redis ? { redis_commands_per_s: rounded(redis.commands / seconds, 1) } : {}),
    ...cpuSide(used, (cpuS) => rounded((cpuS / seconds) * 100, 1), '_cpu_percent'),
    ...statements(used),
  };
}

export function sideOfRound(figures: FleetRound, runs: number): Side {
  const { seconds, lags, postgres, redis, overdue, peakMb } = figures;
  const each = (count: number, digits = 1) => rounded(count / runs, digits);
  const cpu = Object.values(figures.cpuS).reduce((sum, cpuS) => sum + cpuS, 0);
  return {
    seconds: rounded(seconds, 1),
    runs_per_s: rounded(runs / seconds, 1),
    lag_claimed_s: lags.claimed,
    staging_s: lags.staging,
    lag_loaded_s: lags.loaded,
    overdue_every_5_s: overdue,
    cpu_ms_per_run: each(cpu * 1_000, 0),
    ...cpuSide(figures, (cpuS) => each(cpuS * 1_000, 1), '_cpu_ms_per_run'),
    ...Object.fromEntries(Object.entries(peakMb).map(([label, mb]) => [`${label}_peak_mb`, mb])),
    statements_per_run: each(postgres.statements),
    commits_per_run: each(postgres.commits),
    rollbacks_per_run: each(postgres.rollbacks, 2),
    connections_opened_per_run: each(postgres.sessions, 2),
    rows_inserted_per_run: each(postgres.inserted),
    rows_updated_per_run: each(postgres.updated),
    rows_deleted_per_run: each(postgres.deleted),
    rows_scanned_per_run: each(postgres.returned, 0),
    wal_kb_per_run: each(postgres.walBytes / 1_024),
    temp_mb: rounded(postgres.tempBytes / 2 ** 20, 1),
    ...(redis
      ? { redis_commands_per_run: each(redis.commands), redis_memory_peak_mb: rounded(redis.peakMb, 1) }
      : {}),
    ...statements(figures),
  };
}

export function sideOfDispatch(figures: Used & Watch, connectors: number): Side {
  const { seconds, postgres, redis, overdue } = figures;
  return {
    seconds: rounded(seconds, 1),
    runs_per_s: Math.round(connectors / seconds),
    overdue_every_5_s: overdue,
    statements_per_1000_runs: rounded((postgres.statements / connectors) * 1_000, 1),
    wal_kb_per_run: rounded(postgres.walBytes / 1_024 / connectors, 1),
    ...cpuSide(figures, (cpuS) => rounded(cpuS, 1), '_cpu_s'),
    ...(redis ? { redis_memory_peak_mb: rounded(redis.peakMb, 1) } : {}),
    ...statements(figures),
  };
}

function cpuSide({ cpuS }: Used, render: (cpuS: number) => number, suffix: string): Side {
  return Object.fromEntries(
    Object.entries(cpuS).map(([label, seconds]) => [`${label}${suffix}`, render(seconds)]),
  );
}

function statements({ byTime, byCalls }: Used): Side {
  return {
    ...Object.fromEntries(byTime.map((text, n) => [`slowest ${n + 1}`, text])),
    ...Object.fromEntries(byCalls.map((text, n) => [`most often ${n + 1}`, text])),
  };
}
