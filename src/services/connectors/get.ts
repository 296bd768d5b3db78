import type { Ctx } from '../../context.ts';
import { type ConnectorDetail, findConnectorDetail } from '../../db/queries/connectors.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

/** Throws NotFoundError `connector.not_found`. */
export async function getConnector(
  ctx: Ctx,
  { connectorId }: { connectorId: string },
): Promise<ConnectorDetail> {
  assertConnectorId(connectorId);
  const detail = await findConnectorDetail(ctx.database.db, ctx.tenantId, connectorId);
  if (!detail) throw connectorNotFound();
  return detail;
}
