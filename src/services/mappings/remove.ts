import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { deleteFieldMapping, lockMappings } from '../../db/queries/field-mappings.ts';
import { NotFoundError } from '../../errors.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';

/** Deletes one mapping: its field is no longer loaded. Throws NotFoundError `connector.not_found`, `mapping.not_found`. */
export async function removeMapping(
  ctx: Ctx,
  { connectorId, mappingId }: { connectorId: string; mappingId: string },
): Promise<void> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  await ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    const mapping = { tenantId: ctx.tenantId, connectorId, id: mappingId };
    if (!isUuid(mappingId) || !(await deleteFieldMapping(tx, mapping))) {
      throw new NotFoundError('mapping.not_found', 'This connector has no mapping with this id.');
    }
    await insertAuditEvent(tx, ctx, {
      action: 'mapping.delete',
      subject: mappingId,
      detail: { connectorId },
    });
  });
}
