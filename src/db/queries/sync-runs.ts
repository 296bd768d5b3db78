import { and, desc, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { syncRuns } from '../schema/index.ts';

export type SyncRun = typeof syncRuns.$inferSelect;

/** Finished runs of a connector, latest first. */
export async function listSyncRuns(
  db: DbOrTx,
  { tenantId, connectorId, limit }: { tenantId: string; connectorId: string; limit: number },
): Promise<SyncRun[]> {
  return db
    .select()
    .from(syncRuns)
    .where(and(eq(syncRuns.tenantId, tenantId), eq(syncRuns.connectorId, connectorId)))
    .orderBy(desc(syncRuns.loadId))
    .limit(limit);
}
