import { and, eq, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { runnerJobs } from '../schema/index.ts';
import { hasWrittenBatch } from './load-batches.ts';
import type { KeptRecord } from './run-log.ts';

export type RunRow = typeof runnerJobs.$inferSelect;

interface Claim {
  runId: string;
  workerId: string;
  leaseMs: number;
}

/** A lease in force: every write of its holder says both. */
export interface Held {
  tenantId: string;
  runId: string;
  fence: number;
}

const leaseEnd = (leaseMs: number) => sql`now() + ${`${leaseMs} milliseconds`}::interval`;
const expired = lt(runnerJobs.leaseUntil, sql`now()`);

/** Takes a queued run (or a running one whose worker is gone) for a tap. Null: somebody else has it, it is over, or it is to be cancelled. */
export async function claimForTap(db: DbOrTx, { runId, workerId, leaseMs }: Claim): Promise<RunRow | null> {
  const [run] = await db
    .update(runnerJobs)
    .set({
      status: 'running',
      fence: sql`${runnerJobs.fence} + 1`,
      attempt: sql`${runnerJobs.attempt} + 1`,
      leaseUntil: leaseEnd(leaseMs),
      workerId,
      startedAt: sql`coalesce(${runnerJobs.startedAt}, now())`,
    })
    .where(
      and(
        eq(runnerJobs.id, runId),
        isNull(runnerJobs.cancelRequestedAt),
        or(eq(runnerJobs.status, 'queued'), and(eq(runnerJobs.status, 'running'), expired)),
      ),
    )
    .returning();
  return run ?? null;
}

/**
 * Takes a reported run for loading, unless another worker's lease on it is alive or it is to be cancelled. Of one that has begun to write
 * the worker must tell whether that can still be left.
 */
export async function claimForLoad(db: DbOrTx, { runId, workerId, leaseMs }: Claim): Promise<RunRow | null> {
  const [run] = await db
    .update(runnerJobs)
    .set({
      fence: sql`${runnerJobs.fence} + 1`,
      attempt: sql`${runnerJobs.attempt} + 1`,
      leaseUntil: leaseEnd(leaseMs),
      workerId,
    })
    .where(
      and(
        eq(runnerJobs.id, runId),
        or(isNull(runnerJobs.cancelRequestedAt), hasWrittenBatch()),
        eq(runnerJobs.status, 'loading'),
        or(isNull(runnerJobs.leaseUntil), expired),
      ),
    )
    .returning();
  return run ?? null;
}

export interface Heartbeat extends KeptRecord {
  leaseMs: number;
}

/** Extends the lease. Null: it is lost, write nothing more. */
export async function extendLease(
  db: DbOrTx,
  held: Held,
  { leaseMs, ...kept }: Heartbeat,
): Promise<{ cancelRequested: boolean } | null> {
  const [run] = await db
    .update(runnerJobs)
    .set({ ...kept, leaseUntil: leaseEnd(leaseMs) })
    .where(heldBy(held))
    .returning({ cancelRequestedAt: runnerJobs.cancelRequestedAt });
  return run ? { cancelRequested: run.cancelRequestedAt !== null } : null;
}

/** Gives a run back so that another worker may take it at once: `queued` before its tap has ended, `loading` after. No worker was lost by it. */
export async function releaseRun(
  db: DbOrTx,
  held: Held,
  status: 'queued' | 'loading',
  kept: KeptRecord = {},
): Promise<boolean> {
  return giveBack(db, held, status, { ...kept, attempt: sql`${runnerJobs.attempt} - 1` });
}

/** The same before its tap has ended, and the attempt stays counted, as if its worker were lost. */
export async function releaseBrokenRun(db: DbOrTx, held: Held, kept: KeptRecord): Promise<boolean> {
  return giveBack(db, held, 'queued', kept);
}

async function giveBack(
  db: DbOrTx,
  held: Held,
  status: 'queued' | 'loading',
  values: KeptRecord & { attempt?: SQL },
): Promise<boolean> {
  const released = await db
    .update(runnerJobs)
    .set({ ...values, status, leaseUntil: null, workerId: null })
    .where(and(heldBy(held), eq(runnerJobs.status, status === 'queued' ? 'running' : 'loading')))
    .returning({ id: runnerJobs.id });
  return released.length > 0;
}

/** The name of a run's staging connections: by it a later attempt finds those of a worker that was taken for dead. */
export function stagingSessionName(runId: string): string {
  return `ivory run ${runId}`;
}

/** Ends the staging connections of earlier attempts: a frozen worker's open transaction would hold its tables against the next one. */
export async function endStagingSessions(db: DbOrTx, runId: string): Promise<void> {
  await db.execute(sql`select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = ${stagingSessionName(runId)} and datname = current_database() and usename = current_user`);
}

/** Text and parameters of the statement that holds the run's row against takers until the transaction ends; no row means the lease is lost. */
export function leaseProof({ runId, fence }: Held): { text: string; parameters: [string, number] } {
  return {
    text: "select 1 from etl.runner_jobs where id = $1 and fence = $2 and status in ('running', 'loading') for share",
    parameters: [runId, fence],
  };
}

/** Throws nothing: false when the lease is lost. */
export async function holdsLease(db: DbOrTx, held: Held): Promise<boolean> {
  const rows = await db.select({ id: runnerJobs.id }).from(runnerJobs).where(heldBy(held));
  return rows.length > 0;
}

/** The same, and nobody takes or ends the run before this transaction does. */
export async function holdRun(tx: DbOrTx, held: Held): Promise<boolean> {
  const rows = await tx.select({ id: runnerJobs.id }).from(runnerJobs).where(heldBy(held)).for('share');
  return rows.length > 0;
}

function heldBy({ tenantId, runId, fence }: Held) {
  return and(
    eq(runnerJobs.id, runId),
    eq(runnerJobs.tenantId, tenantId),
    eq(runnerJobs.fence, fence),
    or(eq(runnerJobs.status, 'running'), eq(runnerJobs.status, 'loading')),
  );
}
