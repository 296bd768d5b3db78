import { and, eq, gt, or, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { loadBatches, runnerJobs } from '../schema/index.ts';

export type LoadBatchRow = typeof loadBatches.$inferSelect;

export interface BatchCounts {
  rowsRead: number;
  rowsLoaded: number;
  rowsRejected: number;
}

interface BatchKey {
  tenantId: string;
  batchId: string;
}

/** The row of a batch, made `staged` when there is none. */
export async function stageLoadBatch(
  db: DbOrTx,
  batch: BatchKey & { runId: string; stream: string; table: string },
): Promise<LoadBatchRow> {
  await db
    .insert(loadBatches)
    .values({ ...batch, state: 'staged' })
    .onConflictDoNothing();
  const [row] = await db.select().from(loadBatches).where(keyOf(batch));
  if (!row) throw new Error(`load batch ${batch.batchId} belongs to another tenant`);
  return row;
}

/** Keeps the counts, before the commit and with it: a commit whose answer was lost is accounted for by what was kept before. */
export async function saveLoadBatch(
  db: DbOrTx,
  key: BatchKey,
  change: Partial<BatchCounts> & { state: LoadBatchRow['state'] },
): Promise<void> {
  await db
    .update(loadBatches)
    .set({ ...change, updatedAt: sql`now()` })
    .where(and(keyOf(key), eq(loadBatches.state, 'staged')));
}

/** Batches of a run that are committed, or may be: their counts are kept just before it. */
export function listWrittenBatches(db: DbOrTx, tenantId: string, runId: string): Promise<LoadBatchRow[]> {
  return db
    .select()
    .from(loadBatches)
    .where(and(eq(loadBatches.runId, runId), eq(loadBatches.tenantId, tenantId), isWritten()));
}

/** The same of a run in a statement about runs: whether there is one. */
export function hasWrittenBatch() {
  return sql`exists (select from ${loadBatches} where ${loadBatches.runId} = ${runnerJobs.id} and ${isWritten()})`;
}

function isWritten() {
  return or(eq(loadBatches.state, 'committed'), gt(loadBatches.rowsRead, 0));
}

function keyOf({ tenantId, batchId }: BatchKey) {
  return and(eq(loadBatches.batchId, batchId), eq(loadBatches.tenantId, tenantId));
}
