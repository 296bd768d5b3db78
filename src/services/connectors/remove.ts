import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { deleteConnector, pauseConnector } from '../../db/queries/connectors.ts';
import { keepDecisions } from '../../db/queries/mapping-decisions.ts';
import { requestCancel } from '../../db/queries/run-cancel.ts';
import { lockConnector } from '../../db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import { dropStagingSchema } from '../../db/queries/staging-schemas.ts';
import { ConflictError } from '../../errors.ts';
import { countEnd } from '../runs/count-end.ts';
import { CANCELLED, finishLocked } from '../runs/finish.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

/** Between its two steps a run may be set going again: by a resume, or by an external runner's report. */
const TRIES = 3;

/**
 * Deletes a connector for good: its run is cancelled, then its staging schema, mappings, runs, jobs, rejected rows and states go with it;
 * what reviewers decided for its fields is remembered.
 * Two transactions, because a worker holds staging tables while it asks whether the run is still its own: it must be able to read "no"
 * before the schema can be locked. If the second fails the connector is left paused and the request can be repeated.
 * Errors: NotFoundError `connector.not_found`, ConflictError `connector.busy`.
 */
export async function removeConnector(ctx: Ctx, { connectorId }: { connectorId: string }): Promise<void> {
  assertConnectorId(connectorId);
  for (let tries = 0; tries < TRIES; tries++) {
    await stop(ctx, connectorId);
    if (await erase(ctx, connectorId)) return;
  }
  throw new ConflictError('connector.busy', 'Runs of the connector are still being reported; try again.', {
    retryAfterS: 1,
  });
}

/** Nothing is dispatched after this, and a worker that holds a run loses it. */
async function stop(ctx: Ctx, connectorId: string): Promise<void> {
  const end = await ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw connectorNotFound();
    await pauseConnector(tx, ctx.tenantId, connectorId);
    const run = await findUnfinishedRun(tx, ctx.tenantId, connectorId);
    if (!run) return null;
    await requestCancel(tx, ctx.tenantId, run.id);
    const paused = { ...connector, status: 'paused' as const };
    const ended = await finishLocked(ctx, tx, paused, {
      ...CANCELLED,
      runId: run.id,
      connectorId,
      fence: null,
      tables: [],
    });
    const detail = { reason: 'the connector is being deleted' };
    await insertAuditEvent(tx, ctx, { action: 'run.cancel', subject: run.id, detail });
    return ended;
  });
  if (end) countEnd(ctx, end);
}

/** False: a run has begun since. Locked first, so that none begins while the schema is dropped and nobody makes it anew. */
function erase(ctx: Ctx, connectorId: string): Promise<boolean> {
  return ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, connectorId);
    if (!connector) return true;
    if (await findUnfinishedRun(tx, ctx.tenantId, connectorId)) return false;
    await dropStagingSchema(tx, connector.stagingSchema);
    await keepDecisions(tx, ctx.tenantId, connectorId);
    await deleteConnector(tx, ctx.tenantId, connectorId);
    await insertAuditEvent(tx, ctx, { action: 'connector.delete', subject: connectorId });
    return true;
  });
}
