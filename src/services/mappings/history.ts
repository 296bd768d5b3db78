import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { findFieldMapping } from '../../db/queries/field-mappings.ts';
import { listMappingChanges, type MappingChangeRow } from '../../db/queries/mapping-changes.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertConnectorId, connectorNotFound, isUuid } from '../connectors/connector-id.ts';
import { mappingNotFound } from './mapping-not-found.ts';

export interface MappingHistoryInput {
  connectorId: string;
  /** null: every mapping the connector has or had. */
  mappingId: string | null;
  limit: number;
  before: number | null;
}

/**
 * What was changed in the connector's mappings, newest first; a mapping that is deleted keeps its history.
 * Throws NotFoundError `connector.not_found`, `mapping.not_found` (none has or had this id).
 */
export async function listMappingHistory(
  ctx: Ctx,
  { connectorId, mappingId, limit, before }: MappingHistoryInput,
): Promise<Page<MappingChangeRow>> {
  const { tenantId } = ctx;
  const { db } = ctx.database;
  assertConnectorId(connectorId);
  if (!(await findConnector(db, tenantId, connectorId))) throw connectorNotFound();
  if (mappingId !== null && !isUuid(mappingId)) throw mappingNotFound();
  const asked = { tenantId, connectorId, mappingId };
  const rows = await listMappingChanges(db, { ...asked, limit: oneMore(limit), before });
  if (rows.length === 0 && mappingId !== null && !(await isKnown(ctx, connectorId, mappingId)))
    throw mappingNotFound();
  return pageOf(rows, limit);
}

async function isKnown({ database, tenantId }: Ctx, connectorId: string, id: string): Promise<boolean> {
  const asked = { tenantId, connectorId, mappingId: id, limit: 1, before: null };
  if ((await listMappingChanges(database.db, asked)).length > 0) return true;
  return (await findFieldMapping(database.db, { tenantId, connectorId, id })) !== null;
}
