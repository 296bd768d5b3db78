import type { Ctx } from '../../context.ts';
import type { EndedRun } from '../../ports/metrics.ts';

/** How a run ended, as a transaction that has not committed yet wrote it. */
export interface RunEnd extends EndedRun {
  opensBreaker: boolean;
}

/** Counts the end of a run: after its transaction has committed, never within. */
export function countEnd({ metrics }: Ctx, { opensBreaker, ...run }: RunEnd): void {
  metrics.runEnded(run);
  if (opensBreaker) metrics.breakerOpened(run.connectorType);
}
