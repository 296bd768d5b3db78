import type { Ctx } from '../../context.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import type { EndedRun } from '../../ports/metrics.ts';
import { runIds } from './run-context.ts';

/** How a run ended, as a transaction that has not committed yet wrote it. */
export interface RunEnd extends EndedRun {
  opensBreaker: boolean;
  run: RunRow;
}

/** Counts and tells the end of a run: after its transaction has committed, never within. */
export function countEnd({ metrics, plainLog }: Ctx, { opensBreaker, run, ...ended }: RunEnd): void {
  metrics.runEnded(ended);
  const { status, trigger, seconds } = ended;
  const duration_ms = seconds === null ? undefined : Math.round(seconds * 1000);
  const said = { status, trigger, code: run.errorCode ?? undefined, duration_ms };
  plainLog.info({ event: 'run.ended', ...runIds(run), ...said }, 'run ended');
  if (!opensBreaker) return;
  metrics.breakerOpened(ended.connectorType);
  plainLog.warn(
    { event: 'connector.stopped', ...runIds(run), code: said.code },
    'a connector failed too often and is stopped',
  );
}
