import { and, eq, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { loadBatches } from '../schema/index.ts';

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

function keyOf({ tenantId, batchId }: BatchKey) {
  return and(eq(loadBatches.batchId, batchId), eq(loadBatches.tenantId, tenantId));
}
