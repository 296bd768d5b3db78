import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { connectorRetention, connectors, rejectedRows, runnerJobs, syncRuns } from '../schema/index.ts';
import type { Old } from './prune.ts';

const GOOD = sql`status in ('completed', 'partial') and trigger <> 'replay'`;

/** Empties the logs of ended runs. Their lines stay counted. */
export async function pruneLogs(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  const { rowCount } = await tx.execute(sql`
    with old as (
      select id from ${runnerJobs} where finished_at < ${before} and log_pruned_at is null
      order by finished_at limit ${limit} for update skip locked
    )
    update ${runnerJobs} set log_pruned_at = now(), log_tail = case when log_tail = '' then '' else
      to_char(now() at time zone 'UTC', '"[ivory "YYYY-MM-DD"T"HH24:MI:SS"Z] "') || 'the log is no longer kept' end
    from old where ${runnerJobs.id} = old.id`);
  return rowCount ?? 0;
}

/** Where the last look through ended runs ended. */
export interface RunPlace {
  /** As Postgres prints it: its clock is finer than a Date. */
  finishedAt: string;
  id: string;
}

export interface PrunedRuns {
  rows: number;
  /** null: there are no older ones after it. */
  last: RunPlace | null;
}

/**
 * Looks through the next ended runs, oldest first, and deletes those nobody needs: with their history and their batches. What stays: a
 * connector's runs from its last good one on (what they have staged may yet be loaded), its last completed one, its newest where none was
 * good, and runs with rejected rows. What is deleted stays counted in its connector's totals.
 */
export async function pruneRuns(
  tx: DbOrTx,
  { before, limit, after }: Old & { after: RunPlace | null },
): Promise<PrunedRuns> {
  const further = after === null ? sql`true` : sql`(finished_at, id) > (${after.finishedAt}, ${after.id})`;
  const { rows } = await tx.execute<{
    rows: number;
    seen: number;
    last: string | null;
    id: string | null;
  }>(sql`
    with seen as materialized (
      select id, finished_at from ${runnerJobs} where finished_at < ${before} and ${further}
      order by finished_at, id limit ${limit}
    ), old as (
      select j.id from seen join ${runnerJobs} j on j.id = seen.id
      where j.load_id < ${firstNeeded()} and j.id is distinct from ${lastCompleted()}
        and not exists (select from ${rejectedRows} r where r.run_id = j.id)
      for update of j skip locked
    ), history as (
      delete from ${syncRuns} where id in (select id from old) returning connector_id, rows_loaded
    ), counted as (
      insert into ${connectorRetention} (connector_id, runs_pruned, rows_pruned)
      select connector_id, count(*), sum(rows_loaded) from history group by connector_id order by connector_id
      on conflict (connector_id) do update set runs_pruned = ${connectorRetention.runsPruned} + excluded.runs_pruned,
        rows_pruned = ${connectorRetention.rowsPruned} + excluded.rows_pruned
    ), gone as (
      delete from ${runnerJobs} where id in (select id from old) returning id
    )
    select (select count(*) from gone)::int as rows, (select count(*) from seen)::int as seen,
      (select finished_at::text from seen order by finished_at desc, id desc limit 1) as last,
      (select id from seen order by finished_at desc, id desc limit 1) as id`);
  const [found] = rows;
  const isLast = !found?.last || !found.id || found.seen < limit;
  return {
    rows: found?.rows ?? 0,
    last: isLast ? null : { finishedAt: found.last ?? '', id: found.id ?? '' },
  };
}

/** Load id of the last good run; of the newest, where none was good and no failed run is asked for what it had marked (Fivetran). */
function firstNeeded() {
  return sql`coalesce(
    (select load_id from ${syncRuns} good where good.connector_id = j.connector_id and ${GOOD} order by load_id desc limit 1),
    (select load_id from ${syncRuns} newest where newest.connector_id = j.connector_id
      and exists (select from ${connectors} c where c.id = j.connector_id and c.connector_type <> 'fivetran')
      order by load_id desc limit 1), 0)`;
}

function lastCompleted() {
  return sql`(select id from ${syncRuns} done where done.connector_id = j.connector_id and done.status = 'completed' and done.trigger <> 'replay'
    order by load_id desc limit 1)`;
}
