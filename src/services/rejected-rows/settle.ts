import type { DbOrTx } from '../../db/client.ts';
import {
  changeHistory,
  giveBackReplay,
  type SettledGroup,
  settleTakenUp,
} from '../../db/queries/rejected-row-replays.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import type { TableStats } from '../../domain/stats.ts';

const NOT_FOUND =
  'The row is no longer in staging as it was when it was rejected: it was removed, or delivered anew.';

/**
 * What the end of a replay means for the list: rows it took up are off it, and no longer count as errors of the runs that had rejected them.
 * What of them failed again is on the list as its own. A replay that failed or was cancelled leaves everything as it was.
 */
export async function settleReplay(tx: DbOrTx, run: RunRow): Promise<void> {
  if (run.status !== 'completed') return giveBackReplay(tx, run);
  const groups = await settleTakenUp(tx, run, NOT_FOUND);
  for (const [runId, ofRun] of Map.groupBy(groups, (group) => group.runId)) {
    const taken = ofRun.reduce((sum, { count }) => sum + count, 0);
    const owner = { tenantId: run.tenantId, runId };
    await changeHistory(tx, owner, (tables) => ofRun.reduce(withReplayed, tables), taken);
  }
}

/** Spread over the stream's tables, none beyond what it had rejected. */
function withReplayed(tables: TableStats[], { stream, count }: SettledGroup): TableStats[] {
  let left = count;
  return tables.map((table) => {
    const replayed = table.replayed ?? 0;
    const more = table.stream === stream ? Math.min(left, table.rejected - replayed) : 0;
    left -= more;
    return more > 0 ? { ...table, replayed: replayed + more } : table;
  });
}
