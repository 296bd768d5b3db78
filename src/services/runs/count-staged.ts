import type { ConnectorType } from '../../domain/connector-state.ts';
import type { StatsByStream } from '../../domain/stats.ts';
import type { Metrics } from '../../ports/metrics.ts';

/** Counts what a tap has staged, told of the sums so far each time they change. */
export function stagedCounter(
  metrics: Metrics,
  connectorType: ConnectorType,
): (stats: StatsByStream) => void {
  let before = { rows: 0, bytes: 0 };
  return (stats) => {
    const now = { rows: 0, bytes: 0 };
    for (const { rows, bytes } of Object.values(stats)) {
      now.rows += rows;
      now.bytes += bytes;
    }
    // a runner that begins a stream anew tells of less than before
    const rows = Math.max(0, now.rows - before.rows);
    const bytes = Math.max(0, now.bytes - before.bytes);
    before = now;
    if (rows > 0 || bytes > 0) metrics.rowsStaged(connectorType, { rows, bytes });
  };
}
