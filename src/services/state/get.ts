import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { listStates, type StateVersion } from '../../db/queries/state.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';
import type { SavedState } from './change.ts';

/** The state the next run starts from. Throws NotFoundError `connector.not_found`. */
export async function getState(ctx: Ctx, { connectorId }: { connectorId: string }): Promise<SavedState> {
  const connector = await ownConnector(ctx, connectorId);
  return { state: connector.tapState, version: connector.stateVersion };
}

/** Earlier states, newest first; the last 20 are kept. Throws NotFoundError `connector.not_found`. */
export async function listStateHistory(
  ctx: Ctx,
  { connectorId, limit, before }: { connectorId: string; limit: number; before: number | null },
): Promise<Page<StateVersion>> {
  await ownConnector(ctx, connectorId);
  const rows = await listStates(ctx.database.db, ctx.tenantId, connectorId, {
    limit: oneMore(limit),
    before,
  });
  return pageOf(rows, limit);
}

async function ownConnector(ctx: Ctx, connectorId: string) {
  assertConnectorId(connectorId);
  const connector = await findConnector(ctx.database.db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  return connector;
}
