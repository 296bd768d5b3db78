import { and, eq, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { loadBatches, runnerJobs, tableCare } from '../schema/index.ts';

export interface ClaimedTable {
  tenantId: string;
  /** namespace.table */
  table: string;
  fence: number;
  failures: number;
}

/** Commits are written with the time their transaction began: one may show later than another that is younger. */
const OVERLAP = sql`interval '1 hour'`;

/** Takes note of the tables runs have loaded since the last time. */
export async function noteLoadedTables(db: DbOrTx): Promise<void> {
  await db.execute(sql`
    insert into ${tableCare} (tenant_id, table_name, loaded_at)
    select tenant_id, table_name, max(updated_at) from ${loadBatches}
    where state = 'committed'
      and updated_at > coalesce((select max(loaded_at) from ${tableCare}) - ${OVERLAP}, '-infinity')
    group by tenant_id, table_name
    on conflict (tenant_id, table_name) do update set loaded_at = excluded.loaded_at
    where excluded.loaded_at > ${tableCare.loadedAt}`);
}

/**
 * The table that has waited longest, nobody else's until the lease ends. One that is not loaded any more is due until what its last load left
 * has had the time to go.
 */
export async function claimTable(
  db: DbOrTx,
  { leaseMs, keepMs }: { leaseMs: number; keepMs: number },
): Promise<ClaimedTable | null> {
  const [claimed] = await db
    .update(tableCare)
    .set({ leaseUntil: after(leaseMs), fence: sql`${tableCare.fence} + 1` })
    .where(
      sql`(tenant_id, table_name) = (select tenant_id, table_name from ${tableCare}
        where next_at <= now() and (lease_until is null or lease_until < now())
          and (cared_at is null or cared_at < loaded_at + ${milliseconds(keepMs)})
        order by next_at limit 1 for update skip locked)`,
    )
    .returning({
      tenantId: tableCare.tenantId,
      table: tableCare.table,
      fence: tableCare.fence,
      failures: tableCare.failures,
    });
  return claimed ?? null;
}

/** When the oldest of the unfinished runs began that have a batch for the table and may yet look for its commit; null: there is none. */
export async function oldestUnfinishedBatch(db: DbOrTx, claimed: ClaimedTable): Promise<Date | null> {
  const [row] = await db
    .select({ oldest: sql<Date | null>`min(${runnerJobs.createdAt})`.mapWith(runnerJobs.createdAt) })
    .from(loadBatches)
    .innerJoin(runnerJobs, eq(runnerJobs.id, loadBatches.runId))
    .where(
      and(
        eq(loadBatches.tenantId, claimed.tenantId),
        eq(loadBatches.table, claimed.table),
        eq(loadBatches.state, 'staged'),
        sql`${runnerJobs.status} in ('queued', 'running', 'loading')`,
      ),
    );
  return row?.oldest ?? null;
}

/** Ends a claim; one that somebody else has taken over meanwhile is theirs. */
export async function settleCare(
  db: DbOrTx,
  claimed: ClaimedTable,
  outcome: { nextInMs: number; error: string | null },
): Promise<void> {
  const { nextInMs, error } = outcome;
  const end =
    error === null
      ? { caredAt: sql`now()`, failures: 0, lastError: null }
      : { failures: claimed.failures + 1, lastError: error };
  await db
    .update(tableCare)
    .set({ ...end, nextAt: after(nextInMs), leaseUntil: null })
    .where(held(claimed));
}

/** Gives a claim back as if nothing had been tried. */
export async function releaseCare(db: DbOrTx, claimed: ClaimedTable): Promise<void> {
  await db.update(tableCare).set({ leaseUntil: null }).where(held(claimed));
}

/** Of a table that is not there any more; loaded again it is noted again. */
export async function forgetCare(db: DbOrTx, claimed: ClaimedTable): Promise<void> {
  await db.delete(tableCare).where(held(claimed));
}

function held({ tenantId, table, fence }: ClaimedTable) {
  return and(eq(tableCare.tenantId, tenantId), eq(tableCare.table, table), eq(tableCare.fence, fence));
}

function after(ms: number) {
  return sql`now() + ${milliseconds(ms)}`;
}

function milliseconds(ms: number) {
  return sql`${`${ms} milliseconds`}::interval`;
}
