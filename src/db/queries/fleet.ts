import { PROMISED } from '../../domain/run-state.ts';
import type { Sql } from '../client.ts';

export interface Counted {
  count: number;
  /** Seconds since the first of them; null: there is none. */
  oldestS: number | null;
}

export interface FleetRows {
  connectors: { status: string; count: number }[];
  overdue: Counted;
  runs: ({ status: string; waiting: number } & Counted)[];
  tasks: Counted;
  mappingJobs: Counted;
  outbox: Counted;
}

const NONE: Counted = { count: 0, oldestS: null };

/**
 * What there is to do, of all tenants: the operator's figures. Only partial indexes are read, never history. The server gives up after
 * `timeoutMs`. A slot counts as overdue once it is `graceMs` old; a trigger that waits for the end of a run does not.
 */
export async function readFleet(
  sql: Sql,
  { graceMs, timeoutMs }: { graceMs: number; timeoutMs: number },
): Promise<FleetRows> {
  return sql.begin('read only', async (tx) => {
    await tx`select set_config('statement_timeout', ${String(timeoutMs)}, true)`;
    const connectors = await tx<FleetRows['connectors']>`
      select 'active' as status, count(*)::int as count from etl.meltano_connectors
      where status = 'active' and next_run_at is not null
      union all
      select status, count(*)::int from etl.meltano_connectors where status <> 'active' group by status`;
    const overdue = await tx<Counted[]>`
      select count(*)::int as count, extract(epoch from now() - min(next_run_at))::float8 as "oldestS"
      from etl.meltano_connectors c
      where status = 'active' and next_run_at is not null
        and next_run_at < now() - ${graceMs} * interval '1 millisecond'
        and not (coalesce(next_trigger = any(${[...PROMISED]}), false) and exists (select from etl.runner_jobs j
          where j.connector_id = c.id and j.status in ('queued', 'running', 'loading')))`;
    const runs = await tx<FleetRows['runs']>`
      select status, count(*)::int as count,
        (count(*) filter (where lease_until is null))::int as waiting,
        extract(epoch from now() - min(coalesce(reported_at, created_at)) filter (where lease_until is null))::float8 as "oldestS"
      from etl.runner_jobs where status in ('queued', 'running', 'loading') group by status`;
    const tasks = await tx<Counted[]>`
      select count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as "oldestS"
      from etl.connector_tasks where status in ('queued', 'running') and status = 'queued'`;
    const mappingJobs = await tx<Counted[]>`
      select count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as "oldestS"
      from etl.mapping_jobs where status = 'queued'`;
    const outbox = await tx<Counted[]>`
      select count(*)::int as count,
        (select extract(epoch from now() - created_at)::float8 from etl.outbox order by id limit 1) as "oldestS"
      from etl.outbox`;
    return {
      connectors: [...connectors],
      overdue: overdue[0] ?? NONE,
      runs: [...runs],
      tasks: tasks[0] ?? NONE,
      mappingJobs: mappingJobs[0] ?? NONE,
      outbox: outbox[0] ?? NONE,
    };
  });
}
