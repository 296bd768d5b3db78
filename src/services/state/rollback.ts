import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findState } from '../../db/queries/state.ts';
import { NotFoundError } from '../../errors.ts';
import { changeState, type SavedState } from './change.ts';

/** Goes back to an earlier version, as a new one. Errors as putState, and NotFoundError `state.version_unknown`. */
export function rollbackState(
  ctx: Ctx,
  { connectorId, version }: { connectorId: string; version: number },
): Promise<SavedState> {
  return changeState(ctx, connectorId, async (tx) => {
    const earlier = await findState(tx, ctx.tenantId, connectorId, version);
    if (!earlier) {
      throw new NotFoundError(
        'state.version_unknown',
        `Version ${version} of the state is not kept; the history lists those that are.`,
      );
    }
    await insertAuditEvent(tx, ctx, { action: 'state.rollback', subject: connectorId, detail: { version } });
    return earlier.state;
  });
}
