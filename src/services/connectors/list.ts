import type { Ctx } from '../../context.ts';
import {
  type ConnectorPosition,
  type ListedConnector,
  listConnectors as select,
} from '../../db/queries/connectors.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';

export interface ListConnectorsInput {
  /** null: all of them. */
  limit: number | null;
  after: ConnectorPosition | null;
}

/** Connectors of the tenant with their last finished run, newest first. */
export async function listConnectors(
  ctx: Ctx,
  { limit, after }: ListConnectorsInput,
): Promise<Page<ListedConnector>> {
  const asked = limit === null ? null : oneMore(limit);
  const rows = await select(ctx.database.db, { tenantId: ctx.tenantId, limit: asked, after });
  return pageOf(rows, limit);
}
