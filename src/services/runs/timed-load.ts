import type { Ctx } from '../../context.ts';
import type { TableStats } from '../../domain/stats.ts';
import { LostLeaseError } from '../../errors.ts';

/** Counts a load of one table: once it is committed, or has failed. One that was stopped, or lost to another worker, is neither. */
export async function timedLoad(
  { metrics }: Ctx,
  signal: AbortSignal,
  load: () => Promise<TableStats>,
): Promise<TableStats> {
  const startedAt = performance.now();
  const seconds = () => (performance.now() - startedAt) / 1000;
  try {
    const stats = await load();
    const { read: rowsRead, loaded: rowsLoaded, rejected: rowsRejected } = stats;
    metrics.tableLoaded({ failed: false, rowsRead, rowsLoaded, rowsRejected, seconds: seconds() });
    return stats;
  } catch (error) {
    if (!signal.aborted && !(error instanceof LostLeaseError))
      metrics.tableLoaded({ failed: true, rowsRead: 0, rowsLoaded: 0, rowsRejected: 0, seconds: seconds() });
    throw error;
  }
}
