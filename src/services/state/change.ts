import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import { type LockedConnector, lockConnector, saveState } from '../../db/queries/run-finish.ts';
import { findUnfinishedRun } from '../../db/queries/run-reports.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { ConflictError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

export interface SavedState {
  state: JsonText | null;
  version: number;
}

/** A state changes only while no run could be reading or about to replace it. */
export function changeState(
  ctx: Ctx,
  connectorId: string,
  decide: (tx: DbOrTx, connector: LockedConnector) => Promise<JsonText | null>,
): Promise<SavedState> {
  assertConnectorId(connectorId);
  return ctx.database.db.transaction(async (tx) => {
    const connector = await lockConnector(tx, ctx.tenantId, connectorId);
    if (!connector) throw connectorNotFound();
    const run = await findUnfinishedRun(tx, ctx.tenantId, connectorId);
    if (run) {
      throw new ConflictError(
        'state.run_unfinished',
        `Run ${run.id} is unfinished; wait for its end or cancel it first.`,
      );
    }
    const state = await decide(tx, connector);
    const version = await saveState(tx, connector, state, { runId: null, actor: ctx.actor });
    return { state, version };
  });
}
