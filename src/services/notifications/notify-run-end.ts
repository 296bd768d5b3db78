import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import type { RunRow } from '../../db/queries/run-claims.ts';
import type { LockedConnector } from '../../db/queries/run-finish.ts';
import type { EventType } from '../../domain/notification.ts';
import { refusedIn, type TableStats } from '../../domain/stats.ts';
import { notify } from './notify.ts';

const TYPES: Partial<Record<RunRow['status'], EventType>> = {
  completed: 'run.completed',
  partial: 'run.partial',
  failed: 'run.failed',
};

export interface RunEnd {
  connector: LockedConnector;
  /** As it ended. */
  run: RunRow;
  tables: readonly TableStats[];
}

/** Tells of a run that ended by itself; nothing of one that was cancelled. Counts are those of its history. */
export async function notifyRunEnd(ctx: Ctx, tx: DbOrTx, { connector, run, tables }: RunEnd): Promise<void> {
  const type = TYPES[run.status];
  if (!type || !connector.hasEndpoints) return;
  const refused = refusedIn(run.streamStats);
  const sum = (of: 'loaded' | 'rejected') => tables.reduce((total, table) => total + table[of], 0);
  await notify(ctx, tx, {
    type,
    connectorId: connector.id,
    data: {
      ...connectorData(connector),
      run_id: run.id,
      status: run.status,
      trigger: run.trigger,
      started_at: run.startedAt,
      completed_at: run.finishedAt,
      rows_synced: (run.rowsWritten ?? 0) + refused,
      rows_loaded: sum('loaded'),
      transform_errors: sum('rejected') + refused,
      error_code: run.errorCode,
      error_msg: run.errorMsg,
    },
  });
}

/** Tells that a connector is stopped until somebody resumes it. */
export async function notifyStopped(
  ctx: Ctx,
  tx: DbOrTx,
  connector: LockedConnector,
  stop: {
    runId: string;
    consecutiveFailures: number;
    errorCode: string | null;
    lastError: string | null;
  },
): Promise<void> {
  if (!connector.hasEndpoints) return;
  await notify(ctx, tx, {
    type: 'connector.error',
    connectorId: connector.id,
    data: {
      ...connectorData(connector),
      run_id: stop.runId,
      consecutive_failures: stop.consecutiveFailures,
      error_code: stop.errorCode,
      last_error: stop.lastError,
    },
  });
}

function connectorData({ id, sourceSystem, namespace, destinationTable }: LockedConnector) {
  return {
    connector_id: id,
    source_system: sourceSystem,
    destination_table: `${namespace}.${destinationTable}`,
  };
}
