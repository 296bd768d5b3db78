import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { runnerJobs } from '../schema/index.ts';
import { hasWrittenBatch } from './load-batches.ts';
import type { Held, RunRow } from './run-claims.ts';

export async function findOwnRun(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
  runId: string,
): Promise<RunRow | null> {
  const [run] = await db
    .select()
    .from(runnerJobs)
    .where(
      and(
        eq(runnerJobs.id, runId),
        eq(runnerJobs.tenantId, tenantId),
        eq(runnerJobs.connectorId, connectorId),
      ),
    );
  return run ?? null;
}

/** Asks for the end of a run, durably. True: a worker holds it, or it has begun to write: it is a worker's to end. */
export async function requestCancel(tx: DbOrTx, tenantId: string, runId: string): Promise<boolean> {
  const [run] = await tx
    .update(runnerJobs)
    .set({ cancelRequestedAt: sql`coalesce(${runnerJobs.cancelRequestedAt}, now())` })
    .where(and(eq(runnerJobs.id, runId), eq(runnerJobs.tenantId, tenantId)))
    .returning({
      held: sql<boolean>`(${runnerJobs.leaseUntil} is not null and ${runnerJobs.leaseUntil} > now()) or ${hasWrittenBatch()}`,
    });
  return run?.held ?? false;
}

/** Whether somebody asked for the end of a run this worker holds. */
export async function isCancelRequested(db: DbOrTx, { runId, tenantId }: Held): Promise<boolean> {
  const rows = await db
    .select({ id: runnerJobs.id })
    .from(runnerJobs)
    .where(
      and(
        eq(runnerJobs.id, runId),
        eq(runnerJobs.tenantId, tenantId),
        isNotNull(runnerJobs.cancelRequestedAt),
      ),
    );
  return rows.length > 0;
}
