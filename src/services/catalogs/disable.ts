import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { deactivateCatalog } from '../../db/queries/catalogs.ts';
import { NotFoundError } from '../../errors.ts';

/** Refuses new connectors on a catalog; those it has go on. Throws NotFoundError `catalog.unknown`. */
export async function disableCatalog(ctx: Ctx, { catalogName }: { catalogName: string }): Promise<void> {
  await ctx.database.db.transaction(async (tx) => {
    const found = await deactivateCatalog(tx, ctx.tenantId, catalogName);
    if (!found) {
      throw new NotFoundError('catalog.unknown', `The tenant has no catalog "${catalogName}".`);
    }
    await insertAuditEvent(tx, ctx, { action: 'catalog.disable', subject: catalogName });
  });
}
