import type { Ctx } from '../../context.ts';
import { type ConnectorSummary, listConnectors as select } from '../../db/queries/connectors.ts';

/** All connectors of the tenant with their last finished run, newest first. */
export async function listConnectors(ctx: Ctx): Promise<ConnectorSummary[]> {
  return select(ctx.database.db, ctx.tenantId);
}
