import { and, eq, type SQL, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import { isPromised, type NextTrigger, PROMISED } from '../../domain/run-state.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, runnerJobs } from '../schema/index.ts';

export interface DueConnector {
  id: string;
  tenantId: string;
  syncSchedule: string;
  timezone: string;
  /** The slot that is due. */
  slot: Date;
  trigger: NextTrigger | null;
  /** Of the request that made it due; null: the clock did, or a failure before. */
  cause: Cause | null;
  /** Postgres' clock. */
  now: Date;
}

export interface DueLimits {
  /** Unfinished runs one tenant may have; its other connectors stay due. */
  tenantMaxRuns: number;
  /** A scheduled slot is spread over this time after it, by a hash of the connector's id; triggers and retries are not. */
  jitterMs: number;
}

/**
 * Ids of connectors whose time has come, of any tenant: the scheduler works for all. Every tenant's first before any tenant's second,
 * so that nobody waits behind a tenant with thousands. A trigger waits for the end of an unfinished run; a slot does not.
 * Locks nothing, and ranks all that is due: ask once for many. Unfinished runs are counted once, into a map: of a herd the planner's statistics
 * know nothing, and a join would count them again for each connector (20,000 due: 6 s).
 */
export async function chooseDueConnectors(db: DbOrTx, limits: DueLimits, count: number): Promise<string[]> {
  const { rows } = await db.execute<{ id: string }>(sql`
    with ranked as (
      select id, tenant_id, next_run_at, row_number() over (partition by tenant_id order by next_run_at, id) as place
      from ${connectors} where status = 'active' and ${due(limits)}
    ), busy as materialized (
      select jsonb_object_agg(tenant_id, runs) as runs from (
        select tenant_id, count(*) as runs from ${runnerJobs}
        where status in ('queued', 'running', 'loading') group by tenant_id) counted
    )
    select ranked.id from ranked
    where ranked.place + coalesce(((select runs from busy) ->> ranked.tenant_id)::bigint, 0) <= ${limits.tenantMaxRuns}
    order by ranked.place, ranked.next_run_at
    limit ${count}`);
  return rows.map((row) => row.id);
}

/** Locks those of the chosen connectors that are still due. Several schedulers never get the same one. */
export async function claimDueConnectors(
  tx: DbOrTx,
  ids: readonly string[],
  limits: DueLimits,
): Promise<DueConnector[]> {
  const rows = await tx
    .select({
      id: connectors.id,
      tenantId: connectors.tenantId,
      syncSchedule: connectors.syncSchedule,
      timezone: connectors.timezone,
      slot: connectors.nextRunAt,
      trigger: connectors.nextTrigger,
      requestId: connectors.triggerRequestId,
      traceparent: connectors.triggerTraceparent,
      now: sql<string>`now()`,
    })
    .from(connectors)
    .where(
      and(
        sql`${connectors.id} = any(${sql.param([...ids])}::uuid[])`,
        eq(connectors.status, 'active'),
        due(limits),
      ),
    )
    .for('update', { skipLocked: true });
  return rows.map(({ requestId, traceparent, ...row }) => ({
    ...row,
    cause: isPromised(row.trigger) && requestId !== null ? { requestId, traceparent } : null,
    now: new Date(row.now),
    slot: row.slot ?? new Date(row.now),
  }));
}

function due({ jitterMs }: DueLimits): SQL {
  const delay = sql`case when next_trigger is null and ${jitterMs} > 0
    then (hashtextextended(id::text, 0) & 1048575) / 1048576.0 * ${jitterMs} else 0 end`;
  return sql`next_run_at <= now() and next_run_at + ${delay} * interval '1 millisecond' <= now()
    and not (coalesce(next_trigger = any(${sql.param([...PROMISED])}::text[]), false) and exists (select from ${runnerJobs} j
      where j.connector_id = ${connectors.id} and j.status in ('queued', 'running', 'loading')))`;
}

export interface NewRun {
  id: string;
  tenantId: string;
  connectorId: string;
  trigger: 'schedule' | NextTrigger;
  scheduledFor: Date;
  cause: Cause;
}

/**
 * Inserts queued runs; a connector that has an unfinished run or already had this slot gets none. Answers the ids made.
 * Arrays, here and below: five hundred rows are a handful of parameters then, not thousands.
 */
export async function insertRuns(tx: DbOrTx, runs: readonly NewRun[]): Promise<string[]> {
  if (runs.length === 0) return [];
  const { rows } = await tx.execute<{ id: string }>(sql`
    insert into ${runnerJobs} (id, tenant_id, connector_id, trigger, scheduled_for, request_id, traceparent)
    select * from unnest(
      ${sql.param(runs.map((run) => run.id))}::uuid[],
      ${sql.param(runs.map((run) => run.tenantId))}::text[],
      ${sql.param(runs.map((run) => run.connectorId))}::uuid[],
      ${sql.param(runs.map((run) => run.trigger))}::text[],
      ${sql.param(runs.map((run) => run.scheduledFor.toISOString()))}::timestamptz[],
      ${sql.param(runs.map((run) => run.cause.requestId))}::text[],
      ${sql.param(runs.map((run) => run.cause.traceparent))}::text[])
    on conflict do nothing returning id`);
  return rows.map((run) => run.id);
}

/** Sets each connector's next slot and forgets what triggered this one. */
export async function advanceSlots(tx: DbOrTx, next: readonly { id: string; at: Date }[]): Promise<void> {
  if (next.length === 0) return;
  await tx.execute(sql`update ${connectors} set next_run_at = slots.at, next_trigger = null,
      trigger_request_id = null, trigger_traceparent = null
    from unnest(
      ${sql.param(next.map(({ id }) => id))}::uuid[],
      ${sql.param(next.map(({ at }) => at.toISOString()))}::timestamptz[]) as slots (id, at)
    where ${connectors.id} = slots.id`);
}

/** Stops connectors whose schedule has no next slot any more. */
export async function stopBroken(
  tx: DbOrTx,
  connectorsToStop: readonly { id: string; broken: string }[],
): Promise<void> {
  for (const { id, broken } of connectorsToStop) {
    await tx
      .update(connectors)
      .set({ status: 'error', nextRunAt: null, nextTrigger: null, lastError: broken, updatedAt: sql`now()` })
      .where(eq(connectors.id, id));
  }
}
