import { and, desc, eq, lt } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { syncRuns } from '../schema/index.ts';

export type SyncRun = typeof syncRuns.$inferSelect;

/** Finished runs of a connector, latest first. */
export async function listSyncRuns(
  db: DbOrTx,
  {
    tenantId,
    connectorId,
    limit,
    before,
  }: { tenantId: string; connectorId: string; limit: number; before: number | null },
): Promise<SyncRun[]> {
  return db
    .select()
    .from(syncRuns)
    .where(
      and(
        eq(syncRuns.tenantId, tenantId),
        eq(syncRuns.connectorId, connectorId),
        before === null ? undefined : lt(syncRuns.loadId, before),
      ),
    )
    .orderBy(desc(syncRuns.loadId))
    .limit(limit);
}
