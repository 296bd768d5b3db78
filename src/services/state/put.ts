import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { ConflictError } from '../../errors.ts';
import { changeState, type SavedState } from './change.ts';

/**
 * Sets the state the next run starts from; null starts it over. `ifVersion`: only over that version.
 * Errors: NotFoundError `connector.not_found`; ConflictError `state.run_unfinished`, `state.version_changed`.
 */
export function putState(
  ctx: Ctx,
  {
    connectorId,
    state,
    ifVersion,
  }: { connectorId: string; state: JsonText | null; ifVersion: number | null },
): Promise<SavedState> {
  return changeState(ctx, connectorId, async (tx, connector) => {
    if (ifVersion !== null && ifVersion !== connector.stateVersion) {
      const message = `The state is at version ${connector.stateVersion}, not ${ifVersion}; read it again.`;
      throw new ConflictError('state.version_changed', message);
    }
    await insertAuditEvent(tx, ctx, { action: 'state.put', subject: connectorId });
    return state;
  });
}
