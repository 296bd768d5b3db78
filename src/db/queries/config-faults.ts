import { and, eq, gt, inArray, lt, sql } from 'drizzle-orm';
import { CONFIG_FAULTS } from '../../domain/config-fault.ts';
import type { DbOrTx } from '../client.ts';
import { syncRuns } from '../schema/index.ts';
import type { RunRow } from './run-claims.ts';

/** Whether a run of this connector has failed for its config before this one, and none has brought anything since. */
export async function failedForConfigBefore(db: DbOrTx, run: RunRow): Promise<boolean> {
  const mine = and(eq(syncRuns.tenantId, run.tenantId), eq(syncRuns.connectorId, run.connectorId));
  const lastGood = db
    .select({ loadId: sql`coalesce(max(${syncRuns.loadId}), 0)` })
    .from(syncRuns)
    .where(
      and(mine, inArray(syncRuns.status, ['completed', 'partial']), sql`${syncRuns.trigger} <> 'replay'`),
    );
  const [found] = await db
    .select({ id: syncRuns.id })
    .from(syncRuns)
    .where(
      and(
        mine,
        inArray(syncRuns.errorCode, [...CONFIG_FAULTS]),
        lt(syncRuns.loadId, run.loadId),
        gt(syncRuns.loadId, sql`(${lastGood})`),
      ),
    )
    .limit(1);
  return found !== undefined;
}
