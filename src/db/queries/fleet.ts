import { sql } from 'drizzle-orm';
import { PROMISED } from '../../domain/run-state.ts';
import type { Db } from '../client.ts';
import { connectors, connectorTasks, mappingJobs, outbox, runnerJobs } from '../schema/index.ts';

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
  db: Db,
  { graceMs, timeoutMs }: { graceMs: number; timeoutMs: number },
): Promise<FleetRows> {
  return db.transaction(
    async (tx) => {
      await tx.execute(sql`select set_config('statement_timeout', ${String(timeoutMs)}, true)`);
      const standing = await tx.execute<FleetRows['connectors'][number]>(sql`
        select 'active' as status, count(*)::int as count from ${connectors}
        where status = 'active' and next_run_at is not null
        union all
        select status, count(*)::int from ${connectors} where status <> 'active' group by status`);
      const overdue = await tx.execute<Row>(sql`
        select count(*)::int as count, extract(epoch from now() - min(next_run_at))::float8 as "oldestS"
        from ${connectors}
        where status = 'active' and next_run_at is not null
          and next_run_at < now() - ${graceMs}::float8 * interval '1 millisecond'
          and not (coalesce(next_trigger = any(${sql.param([...PROMISED])}::text[]), false)
            and exists (select from ${runnerJobs} j
              where j.connector_id = ${connectors.id} and j.status in ('queued', 'running', 'loading')))`);
      const runs = await tx.execute<Row & { status: string; waiting: number }>(sql`
        select status, count(*)::int as count, (count(*) filter (where lease_until is null))::int as waiting,
          extract(epoch from now() - min(coalesce(reported_at, created_at)) filter (where lease_until is null))::float8 as "oldestS"
        from ${runnerJobs} where status in ('queued', 'running', 'loading') group by status`);
      const tasks = await tx.execute<Row>(sql`
        select count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as "oldestS"
        from ${connectorTasks} where status in ('queued', 'running') and status = 'queued'`);
      const mapping = await tx.execute<Row>(sql`
        select count(*)::int as count, extract(epoch from now() - min(created_at))::float8 as "oldestS"
        from ${mappingJobs} where status = 'queued'`);
      const promised = await tx.execute<Row>(sql`
        select count(*)::int as count,
          (select extract(epoch from now() - created_at)::float8 from ${outbox} order by id limit 1) as "oldestS"
        from ${outbox}`);
      return {
        connectors: standing.rows,
        overdue: overdue.rows[0] ?? NONE,
        runs: runs.rows,
        tasks: tasks.rows[0] ?? NONE,
        mappingJobs: mapping.rows[0] ?? NONE,
        outbox: promised.rows[0] ?? NONE,
      };
    },
    { accessMode: 'read only' },
  );
}

type Row = { count: number; oldestS: number | null };
