import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { type FieldMapping, listFieldMappings } from '../../db/queries/field-mappings.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

/** All mappings of a connector by stream, then field. Throws NotFoundError `connector.not_found`. */
export async function listMappings(
  ctx: Ctx,
  { connectorId }: { connectorId: string },
): Promise<FieldMapping[]> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  return listFieldMappings(ctx.database.db, ctx.tenantId, connectorId);
}
