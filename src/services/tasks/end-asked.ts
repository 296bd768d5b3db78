import type { Ctx } from '../../context.ts';
import { endTask, type HeldTask } from '../../db/queries/connector-tasks.ts';
import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import type { CheckOutcome, DiscoveredStream, DiscoverOutcome } from '../../domain/connector-task.ts';
import type { StreamDrift } from '../../domain/source-drift.ts';
import { LostLeaseError } from '../../errors.ts';
import { noteSource } from '../mappings/flag-drift.ts';

export interface Asked {
  connector: ConnectorRow;
  outcome: CheckOutcome | DiscoverOutcome;
  logTail: string;
}

/**
 * Ends a task with what its source answered. A discovery is compared with what the source told before, in the same transaction: a task that
 * is done has flagged the mappings it says. A task that is another worker's changes nothing.
 */
export async function endAsked(
  ctx: Ctx,
  held: HeldTask,
  { connector, outcome, logTail }: Asked,
): Promise<void> {
  if (!('streams' in outcome)) {
    await endTask(ctx.database.db, held, { status: 'done', result: { ...outcome, logTail } });
    return;
  }
  await ctx.database.db
    .transaction(async (tx) => {
      const drift = await driftOf(ctx, tx, connector, outcome.streams);
      const ended = await endTask(tx, held, { status: 'done', result: { ...outcome, logTail, drift } });
      if (!ended) throw new LostLeaseError(held.taskId);
    })
    .catch((error: unknown) => {
      if (!(error instanceof LostLeaseError)) throw error;
    });
}

async function driftOf(
  ctx: Ctx,
  tx: Parameters<typeof noteSource>[0],
  { id, connectorType }: ConnectorRow,
  discovered: readonly DiscoveredStream[],
): Promise<StreamDrift[]> {
  const noted = await noteSource(tx, ctx, {
    connectorId: id,
    origin: 'discover',
    streams: new Map(discovered.map(({ stream, fields }) => [stream, fields])),
    isComplete: true,
    // of what is not staged yet Fivetran tells names alone
    untyped: connectorType === 'fivetran' ? 'string' : null,
  });
  return noted
    .map(({ flagged, ...rest }) => ({ ...rest, flagged: flagged.map(({ id: mapping }) => mapping) }))
    .filter(({ changes, flagged, unmapped }) => changes.length + flagged.length + unmapped.length > 0);
}
