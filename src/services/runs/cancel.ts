import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findOwnRun, requestCancel } from '../../db/queries/run-cancel.ts';
import { lockConnector } from '../../db/queries/run-finish.ts';
import { isFinished } from '../../domain/run-state.ts';
import { ConflictError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import { countEnd } from './count-end.ts';
import { CANCELLED, finishLocked } from './finish.ts';
import { assertRunId, runNotFound } from './run-id.ts';

export interface Cancelled {
  runId: string;
  /** `cancelling`: a worker still holds it and stops within seconds. */
  status: 'cancelled' | 'cancelling';
}

/**
 * Cancels an unfinished run, for good: it is not tried again. One that nobody holds ends here; a worker that holds one sees the request
 * with its next look, ends the tap's process group and then the run.
 * Errors: NotFoundError `connector.not_found`, `run.not_found`, ConflictError `run.finished`.
 */
export async function cancelRun(
  ctx: Ctx,
  { connectorId, runId }: { connectorId: string; runId: string },
): Promise<Cancelled> {
  assertConnectorId(connectorId);
  const { end, ...cancelled } = await ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw connectorNotFound();
    assertRunId(runId);
    const run = await findOwnRun(tx, ctx.tenantId, connectorId, runId);
    if (!run) throw runNotFound();
    if (isFinished(run.status))
      throw new ConflictError('run.finished', `The run has ended already: ${run.status}.`);
    const held = await requestCancel(tx, ctx.tenantId, runId);
    await insertAuditEvent(tx, ctx, { action: 'run.cancel', subject: runId });
    if (held) return { runId, status: 'cancelling' as const, end: null };
    const how = { ...CANCELLED, runId, connectorId, fence: null, tables: [] };
    return { runId, status: 'cancelled' as const, end: await finishLocked(ctx, tx, connector, how) };
  });
  if (end) countEnd(ctx, end);
  return cancelled;
}
