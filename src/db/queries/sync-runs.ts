import { and, desc, eq, gt, inArray, lt, max, ne } from 'drizzle-orm';
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

/** Load ids of the connector's replays between two loads whose rows are in the lakehouse. */
export async function listReplayedBetween(
  db: DbOrTx,
  {
    tenantId,
    connectorId,
    after,
    before,
  }: { tenantId: string; connectorId: string; after: number; before: number },
): Promise<number[]> {
  const rows = await db
    .select({ loadId: syncRuns.loadId })
    .from(syncRuns)
    .where(
      and(
        eq(syncRuns.tenantId, tenantId),
        eq(syncRuns.connectorId, connectorId),
        eq(syncRuns.status, 'completed'),
        eq(syncRuns.trigger, 'replay'),
        gt(syncRuns.loadId, after),
        lt(syncRuns.loadId, before),
      ),
    );
  return rows.flatMap(({ loadId }) => loadId ?? []);
}

/** The load id of the connector's last run before this one whose rows are in the lakehouse; 0: there was none. */
export async function findLoadedUpTo(
  db: DbOrTx,
  { tenantId, connectorId, before }: { tenantId: string; connectorId: string; before: number },
): Promise<number> {
  const [row] = await db
    .select({ loadId: max(syncRuns.loadId) })
    .from(syncRuns)
    .where(
      and(
        eq(syncRuns.tenantId, tenantId),
        eq(syncRuns.connectorId, connectorId),
        inArray(syncRuns.status, ['completed', 'partial']),
        // carries what it was given, nothing else
        ne(syncRuns.trigger, 'replay'),
        lt(syncRuns.loadId, before),
      ),
    );
  return row?.loadId ?? 0;
}
