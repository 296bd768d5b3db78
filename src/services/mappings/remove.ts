import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { deleteFieldMapping, findFieldMapping, lockMappings } from '../../db/queries/field-mappings.ts';
import { forgetDecision } from '../../db/queries/mapping-decisions.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';
import { mappingNotFound } from './mapping-not-found.ts';
import { recordMappingChanges } from './record-change.ts';

/** Deletes one mapping: its field is no longer loaded, and what was decided for it no longer proposed. Throws NotFoundError `connector.not_found`, `mapping.not_found`. */
export async function removeMapping(
  ctx: Ctx,
  { connectorId, mappingId }: { connectorId: string; mappingId: string },
): Promise<void> {
  assertConnectorId(connectorId);
  const connector = await findConnector(ctx.database.db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  await ctx.database.db.transaction(async (tx) => {
    await lockMappings(tx, connectorId);
    const asked = { tenantId: ctx.tenantId, connectorId, id: mappingId };
    const mapping = isUuid(mappingId) ? await findFieldMapping(tx, asked) : null;
    if (!mapping) throw mappingNotFound();
    await deleteFieldMapping(tx, asked);
    await forgetDecision(tx, { ...mapping, sourceSystem: connector.sourceSystem });
    await recordMappingChanges(tx, ctx, [{ mapping, action: 'removed', from: mapping }]);
    await insertAuditEvent(tx, ctx, {
      action: 'mapping.delete',
      subject: mappingId,
      detail: { connectorId },
    });
  });
}
