import type { Ctx } from '../../context.ts';
import type { Catalog } from '../../db/queries/catalogs.ts';
import { addCatalog } from './add.ts';
import { listCatalogs } from './list.ts';

/** Makes sure the tenant has the catalog. One that exists stays as it is, disabled or not; its namespace is provisioned again, which is harmless. */
export async function ensureCatalog(ctx: Ctx, { catalogName }: { catalogName: string }): Promise<Catalog> {
  const known = (await listCatalogs(ctx)).find((catalog) => catalog.catalogName === catalogName);
  if (!known) return addCatalog(ctx, { catalogName });
  await ctx.lakehouse.provision(ctx.tenantId, known.namespace);
  return known;
}
