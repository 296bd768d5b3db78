import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Deps } from '../../../src/context.ts';
import { loadBatches, rejectedRows, runnerJobs, syncRuns } from '../../../src/db/schema/index.ts';

export const DAY_MS = 86_400_000;

export interface PastRun {
  status?: 'completed' | 'partial' | 'failed' | 'cancelled';
  trigger?: 'schedule' | 'replay';
  finishedAt: Date;
  rowsLoaded?: number;
}

/** A run of a connector that ended then, with its history and a batch. */
export async function endedRun(
  deps: Deps,
  connector: { id: string; tenantId: string },
  { status = 'completed', trigger = 'schedule', finishedAt, rowsLoaded = 10 }: PastRun,
): Promise<{ id: string; loadId: number }> {
  const { db } = deps.database;
  const { id: connectorId, tenantId } = connector;
  const [run] = await db
    .insert(runnerJobs)
    .values({
      ...{ id: randomUUID(), tenantId, connectorId, status, trigger, finishedAt },
      ...{ scheduledFor: new Date(finishedAt.getTime() - Math.random() * 1_000), startedAt: finishedAt },
      ...{ createdAt: finishedAt, logTail: 'line 1\nline 2', logLines: 2 },
    })
    .returning();
  if (!run) throw new Error('no run was made');
  await db.insert(syncRuns).values({
    ...{ id: run.id, tenantId, connectorId, loadId: run.loadId, status, trigger, rowsLoaded },
    ...{ rowsSynced: rowsLoaded, transformErrors: 0, tables: [], streamStats: {}, icebergTable: 'ns.t' },
    ...{ startedAt: finishedAt, completedAt: finishedAt, durationS: 1 },
  });
  await db.insert(loadBatches).values({
    ...{ batchId: randomUUID(), tenantId, runId: run.id, stream: 'deals', table: 'ns.t', state: 'committed' },
  });
  return run;
}

/** A staged row of that run is on the list. */
export async function rejectRow(
  deps: Deps,
  connector: { id: string; tenantId: string },
  runId: string,
  change: Partial<typeof rejectedRows.$inferInsert> = {},
): Promise<void> {
  await deps.database.db.insert(rejectedRows).values({
    ...{
      tenantId: connector.tenantId,
      connectorId: connector.id,
      runId,
      stream: 'deals',
      rowKey: randomUUID(),
    },
    ...{ row: '{}', column: 'usd', error: 'no number' },
    ...change,
  });
}

/** Moves the end of a run into the past. */
export async function age(deps: Deps, runId: string, finishedAt: Date): Promise<void> {
  await deps.database.db.update(runnerJobs).set({ finishedAt }).where(eq(runnerJobs.id, runId));
  await deps.database.db.update(syncRuns).set({ completedAt: finishedAt }).where(eq(syncRuns.id, runId));
}
