import type { Ctx } from '../../context.ts';
import { type Catalog, listCatalogs as select } from '../../db/queries/catalogs.ts';

/** The tenant's catalogs by name, disabled ones included. */
export async function listCatalogs(ctx: Ctx): Promise<Catalog[]> {
  return select(ctx.database.db, ctx.tenantId);
}
