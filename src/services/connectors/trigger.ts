import { type Ctx, causeOf } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { makeDue } from '../../db/queries/connectors.ts';
import { lockConnector } from '../../db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import type { ConnectorStatus } from '../../domain/connector-state.ts';
import { ConflictError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';
import { nudgeScheduler } from './nudge-scheduler.ts';

export interface Triggered {
  connectorId: string;
  sourceSystem: string;
  /** The unfinished run that this request joined; null: a new one will be dispatched. */
  runId: string | null;
}

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

/** Under the connector's lock no run of it begins or ends. */
function triggerOrJoin(ctx: Ctx, id: string): Promise<Triggered> {
  return ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, id);
    if (!connector) throw connectorNotFound();
    assertMayRun(connector.status);
    const run = await findUnfinishedRun(tx, ctx.tenantId, id);
    if (!run) await makeDue(tx, { tenantId: ctx.tenantId, id, cause: causeOf(ctx) });
    await insertAuditEvent(tx, ctx, { action: 'connector.trigger', subject: id });
    return { connectorId: id, sourceSystem: connector.sourceSystem, runId: run?.id ?? null };
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
