import { and, desc, eq, gt, inArray, ne, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import type { DbOrTx } from '../client.ts';
import { connectors, syncRuns } from '../schema/index.ts';

interface Key {
  tenantId: string;
  connectorId: string;
}

/** When the last sync the source told of had ended, in ms by the source's clock; null: it never told. */
export async function findLastNudge(db: DbOrTx, { tenantId, connectorId }: Key): Promise<number | null> {
  const [row] = await db
    .select({ at: connectors.lastNudgeAt })
    .from(connectors)
    .where(and(eq(connectors.id, connectorId), eq(connectors.tenantId, tenantId)));
  return row?.at?.getTime() ?? null;
}

/** Keeps when a sync ended. The caller has locked the connector and found the time newer than the last. */
export async function saveNudge(tx: DbOrTx, { tenantId, connectorId }: Key, at: Date): Promise<void> {
  await tx
    .update(connectors)
    .set({ lastNudgeAt: at })
    .where(and(eq(connectors.id, connectorId), eq(connectors.tenantId, tenantId)));
}

/** Makes a connector due now because its source has news; a trigger that waits already stays what it is. The caller has locked it and found it active. */
export async function makeDueForNews(
  tx: DbOrTx,
  { tenantId, connectorId, cause }: Key & { cause: Cause },
): Promise<void> {
  const isAsked = sql`${connectors.nextTrigger} = 'manual'`;
  await tx
    .update(connectors)
    .set({
      nextRunAt: sql`now()`,
      nextTrigger: sql`case when ${isAsked} then 'manual' else 'webhook' end`,
      triggerRequestId: sql`case when ${isAsked} then ${connectors.triggerRequestId} else ${cause.requestId} end`,
      triggerTraceparent: sql`case when ${isAsked} then ${connectors.triggerTraceparent} else ${cause.traceparent} end`,
      updatedAt: sql`now()`,
    })
    .where(and(eq(connectors.id, connectorId), eq(connectors.tenantId, tenantId)));
}

const LOST_AT_MOST = 1_000;

/** Load ids of the connector's runs since its last good one that marked staged rows and may not have loaded them. */
export async function listLostLoads(db: DbOrTx, { tenantId, connectorId }: Key): Promise<number[]> {
  const own = and(
    eq(syncRuns.connectorId, connectorId),
    eq(syncRuns.tenantId, tenantId),
    ne(syncRuns.trigger, 'replay'),
  );
  const lastGood = db
    .select({ loadId: sql`coalesce(max(${syncRuns.loadId}), 0)` })
    .from(syncRuns)
    .where(and(own, inArray(syncRuns.status, ['completed', 'partial'])));
  const rows = await db
    .select({ loadId: syncRuns.loadId })
    .from(syncRuns)
    .where(and(own, inArray(syncRuns.status, ['failed', 'cancelled']), gt(syncRuns.loadId, lastGood)))
    .orderBy(desc(syncRuns.loadId))
    .limit(LOST_AT_MOST);
  return rows.map(({ loadId }) => loadId);
}
