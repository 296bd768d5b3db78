import type { Ctx } from '../../context.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import {
  type FieldMapping,
  listFieldMappings,
  type MappingFilter,
  type MappingPosition,
} from '../../db/queries/field-mappings.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertConnectorId, connectorNotFound } from '../connectors/connector-id.ts';

export interface ListMappingsInput {
  connectorId: string;
  /** null: all of them. */
  limit: number | null;
  after: MappingPosition | null;
  filter?: MappingFilter;
}

/** Mappings of a connector by stream, then field. Throws NotFoundError `connector.not_found`. */
export async function listMappings(
  ctx: Ctx,
  { connectorId, limit, after, filter = {} }: ListMappingsInput,
): Promise<Page<FieldMapping>> {
  assertConnectorId(connectorId);
  if (!(await findConnector(ctx.database.db, ctx.tenantId, connectorId))) throw connectorNotFound();
  const asked = { ...filter, limit: limit === null ? null : oneMore(limit), after };
  return pageOf(await listFieldMappings(ctx.database.db, ctx.tenantId, connectorId, asked), limit);
}
