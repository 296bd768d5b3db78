import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { type Connector, findConnector, makeDue } from '../../db/queries/connectors.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import type { ConnectorStatus } from '../../domain/connector-state.ts';
import { ConflictError, messageOf } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

export interface Triggered {
  connectorId: string;
  sourceSystem: string;
  /** The unfinished run that this request joined; null: a new one will be dispatched. */
  runId: string | null;
}

/** A run may end between the two looks; then the connector is free to be made due again. */
const LOOKS = 3;

/**
 * Makes the connector due now and nudges the scheduler; while a run is unfinished, answers that run instead.
 * Errors: NotFoundError `connector.not_found`, ConflictError `connector.paused`, `connector.in_error`.
 */
export async function triggerConnector(
  ctx: Ctx,
  { connectorId }: { connectorId: string },
): Promise<Triggered> {
  assertConnectorId(connectorId);
  const triggered = await triggerOrJoin(ctx, connectorId);
  if (triggered.runId === null) await nudgeScheduler(ctx);
  return triggered;
}

async function triggerOrJoin(ctx: Ctx, id: string): Promise<Triggered> {
  for (let look = 0; look < LOOKS; look++) {
    const due = await makeDueAudited(ctx, id);
    if (due) return { connectorId: due.id, sourceSystem: due.sourceSystem, runId: null };
    const connector = await findConnector(ctx.database.db, ctx.tenantId, id);
    if (!connector) throw connectorNotFound();
    assertMayRun(connector.status);
    const run = await findUnfinishedRun(ctx.database.db, ctx.tenantId, id);
    if (run) return { connectorId: id, sourceSystem: connector.sourceSystem, runId: run.id };
  }
  throw new ConflictError('connector.busy', 'The connector is changing; try again.', { retryAfterS: 1 });
}

function makeDueAudited(ctx: Ctx, id: string): Promise<Connector | null> {
  return ctx.database.db.transaction(async (tx) => {
    const due = await makeDue(tx, ctx.tenantId, id);
    if (due) await insertAuditEvent(tx, ctx, { action: 'connector.trigger', subject: id });
    return due;
  });
}

function assertMayRun(status: ConnectorStatus): void {
  switch (status) {
    case 'active':
      return;
    case 'paused':
      throw new ConflictError(
        'connector.paused',
        'The connector is paused; resume it before triggering a sync.',
      );
    case 'error':
      throw new ConflictError(
        'connector.in_error',
        'The connector failed three times in a row and is stopped; resume it before triggering a sync.',
      );
  }
}

/** The scheduler looks by itself every few seconds: a queue that is down costs time, not the run. */
async function nudgeScheduler(ctx: Ctx): Promise<void> {
  try {
    await ctx.producer.add('dispatch-due', {});
  } catch (error) {
    ctx.log.warn({ error: messageOf(error), request_id: ctx.requestId }, 'the scheduler could not be nudged');
  }
}
