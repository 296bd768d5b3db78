import type { Deps } from '../../context.ts';
import {
  type ClaimedTable,
  claimTable,
  forgetCare,
  noteLoadedTables,
  oldestUnfinishedBatch,
  releaseCare,
  settleCare,
} from '../../db/queries/table-care.ts';
import { messageOf } from '../../errors.ts';
import type { CareCounts, CareRequest } from '../../ports/lakehouse.ts';

const MINUTE_MS = 60_000;
/** Of one table: what is not done by then is stopped, and done in part. */
const TABLE_MS = 60 * MINUTE_MS;
const LEASE_MS = TABLE_MS + 5 * MINUTE_MS;
/** The rest is for the next tick, which any worker may take. */
const MAX_TABLES = 20;
const TICK_MS = 10 * MINUTE_MS;
/** After a failure, twice as long after each further one, up to the usual time. */
const AGAIN_MS = 30 * MINUTE_MS;

type Care = (request: CareRequest) => Promise<CareCounts | null>;

/**
 * Cares for tables that runs have loaded since their last care, those that waited longest first, one at a time. Safe with several workers:
 * each table is one's at a time. A table that fails is told in the log and tried again later; no run notices. Answers how many were cared for.
 */
export async function careForTables(deps: Deps, signal: AbortSignal): Promise<number> {
  const { database, lakehouse, settings } = deps;
  const { everyMs, keepMs } = settings.tableCare;
  if (!lakehouse.care || everyMs === 0) return 0;
  await noteLoadedTables(database.db);
  const endsAt = performance.now() + TICK_MS;
  let cared = 0;
  for (let tables = 0; tables < MAX_TABLES && performance.now() < endsAt && !signal.aborted; tables++) {
    const claimed = await claimTable(database.db, { leaseMs: LEASE_MS, keepMs });
    if (!claimed) break;
    if (await careForClaimed(deps, lakehouse.care, claimed, signal)) cared += 1;
  }
  return cared;
}

/** False: it failed, was stopped, or is no table any more. */
async function careForClaimed(
  deps: Deps,
  care: Care,
  claimed: ClaimedTable,
  signal: AbortSignal,
): Promise<boolean> {
  const { db } = deps.database;
  const { tenantId, table } = claimed;
  try {
    const stop = AbortSignal.any([signal, AbortSignal.timeout(TABLE_MS)]);
    const done = await care(await requestOf(deps, claimed, stop));
    if (done === null) await forgetCare(db, claimed);
    else await settleCare(db, claimed, { nextInMs: deps.settings.tableCare.everyMs, error: null });
    const said = {
      event: done === null ? 'table.gone' : 'table.cared_for',
      tenant_id: tenantId,
      table,
      ...done,
    };
    deps.log.info(said, done === null ? 'a table is gone' : 'a table was cared for');
    return done !== null;
  } catch (error) {
    if (signal.aborted) await releaseCare(db, claimed);
    else await failed(deps, claimed, error);
    return false;
  }
}

async function requestOf(deps: Deps, claimed: ClaimedTable, signal: AbortSignal): Promise<CareRequest> {
  const { keepMs, keepLast } = deps.settings.tableCare;
  const oldest = await oldestUnfinishedBatch(deps.database.db, claimed);
  const keepAfter = Math.min(deps.now().getTime() - keepMs, oldest?.getTime() ?? Number.POSITIVE_INFINITY);
  const dot = claimed.table.indexOf('.');
  return {
    tenantId: claimed.tenantId,
    namespace: claimed.table.slice(0, dot),
    table: claimed.table.slice(dot + 1),
    keepAfter: new Date(keepAfter),
    keepLast,
    signal,
  };
}

async function failed(deps: Deps, claimed: ClaimedTable, error: unknown): Promise<void> {
  const { tenantId, table, failures } = claimed;
  const nextInMs = Math.min(AGAIN_MS * 2 ** Math.min(failures, 10), deps.settings.tableCare.everyMs);
  await settleCare(deps.database.db, claimed, { nextInMs, error: messageOf(error) });
  deps.log.warn(
    {
      ...{ event: 'table.not_cared_for', tenant_id: tenantId, table, failures: failures + 1, err: error },
      next_at: new Date(deps.now().getTime() + nextInMs),
    },
    'a table could not be cared for: its rows and its loads are as before, and it is tried again at next_at (docs/operations.md)',
  );
}
