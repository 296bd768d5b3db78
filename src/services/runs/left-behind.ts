import type { Ctx } from '../../context.ts';
import { claimLeftBehind } from '../../db/queries/staging.ts';
import { findLoadedUpTo, listReplayedBetween } from '../../db/queries/sync-runs.ts';
import { FIVETRAN_DELETED, isFivetranTable } from '../../domain/fivetran-staging.ts';
import type { LoadJob } from './load-job.ts';
import type { TablePlan } from './plan-table.ts';

/**
 * Gives this run what runs since the last one that was loaded have staged in vain and nobody delivers again. Records are: such a run has
 * moved no state. That a row is gone is said once, by a tap that lists what there is. And of another loader's tables Ivory does not keep
 * the state. Only where rows have keys: twice is then as good as once.
 */
export async function takeLeftBehind(ctx: Ctx, job: LoadJob, plans: readonly TablePlan[]): Promise<void> {
  const keyed = plans.filter(({ keys }) => keys.length > 0);
  if (keyed.length === 0) return;
  const runs = { tenantId: ctx.tenantId, connectorId: job.connector.id, before: job.loadId };
  const after = await findLoadedUpTo(ctx.database.db, runs);
  const arrived = await listReplayedBetween(ctx.database.db, { ...runs, after });
  for (const { table } of keyed) {
    await claimLeftBehind(ctx.database.sql, table, {
      loadId: job.loadId,
      after,
      arrived,
      deletion: table.adopted ? null : deletionOf(table),
      signal: job.signal,
    });
  }
}

/** What is true of a row its source has deleted; never, where the table cannot say. */
function deletionOf(table: TablePlan['table']): string {
  const has = (name: string) => table.columns.some((column) => column.name === name);
  if (isFivetranTable(table)) return has(FIVETRAN_DELETED) ? FIVETRAN_DELETED : 'false';
  return has('_sdc_deleted_at') ? '_sdc_deleted_at is not null' : 'false';
}
