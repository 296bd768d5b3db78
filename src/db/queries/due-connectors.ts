import { and, eq, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { connectors, runnerJobs } from '../schema/index.ts';

export interface DueConnector {
  id: string;
  tenantId: string;
  syncSchedule: string;
  timezone: string;
  /** The slot that is due. */
  slot: Date;
  trigger: 'manual' | 'retry' | null;
  /** Postgres' clock. */
  now: Date;
  hasUnfinishedRun: boolean;
}

/** Locks up to `limit` connectors whose time has come, of any tenant: the scheduler works for all. Several schedulers never get the same one. */
export async function claimDueConnectors(tx: DbOrTx, limit: number): Promise<DueConnector[]> {
  const unfinished = sql<boolean>`exists (select 1 from ${runnerJobs} j where j.connector_id = ${connectors.id}
    and j.status in ('queued', 'running', 'loading'))`;
  const rows = await tx
    .select({
      id: connectors.id,
      tenantId: connectors.tenantId,
      syncSchedule: connectors.syncSchedule,
      timezone: connectors.timezone,
      slot: connectors.nextRunAt,
      trigger: connectors.nextTrigger,
      now: sql<string>`now()`,
      hasUnfinishedRun: unfinished,
    })
    .from(connectors)
    .where(and(eq(connectors.status, 'active'), sql`${connectors.nextRunAt} <= now()`))
    .orderBy(connectors.nextRunAt)
    .limit(limit)
    .for('update', { skipLocked: true });
  return rows.map((row) => ({ ...row, now: new Date(row.now), slot: row.slot ?? new Date(row.now) }));
}

export interface NewRun {
  id: string;
  tenantId: string;
  connectorId: string;
  trigger: 'schedule' | 'manual' | 'retry';
  scheduledFor: Date;
}

/** Inserts queued runs; a connector that has an unfinished run or already had this slot gets none. Answers the ids made. */
export async function insertRuns(tx: DbOrTx, runs: readonly NewRun[]): Promise<string[]> {
  if (runs.length === 0) return [];
  const made = await tx
    .insert(runnerJobs)
    .values([...runs])
    .onConflictDoNothing()
    .returning({ id: runnerJobs.id });
  return made.map((run) => run.id);
}

/** Sets each connector's next slot and forgets what triggered this one. */
export async function advanceSlots(tx: DbOrTx, next: readonly { id: string; at: Date }[]): Promise<void> {
  if (next.length === 0) return;
  const values = sql.join(
    next.map(({ id, at }) => sql`(${id}::uuid, ${at.toISOString()}::timestamptz)`),
    sql`, `,
  );
  await tx.execute(sql`update ${connectors} set next_run_at = slots.at, next_trigger = null
    from (values ${values}) as slots (id, at) where ${connectors.id} = slots.id`);
}
