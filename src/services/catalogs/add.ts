import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { type Catalog, claimNamespace, upsertCatalog } from '../../db/queries/catalogs.ts';
import { assertNamespace, defaultNamespace } from '../../domain/namespace.ts';
import { ConflictError, InvalidError } from '../../errors.ts';

const CATALOG_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/**
 * Gives the tenant a catalog: claims its namespace, provisions it in the lakehouse, then makes the catalog active. Repeating it is harmless.
 * Errors: InvalidError `catalog.name_invalid`, `catalog.namespace_invalid`; ConflictError `catalog.namespace_taken` (another tenant's),
 * `catalog.exists` (the name stands for another namespace).
 */
export async function addCatalog(
  ctx: Ctx,
  { catalogName, namespace = defaultNamespace(ctx.tenantId) }: { catalogName: string; namespace?: string },
): Promise<Catalog> {
  assertName(catalogName);
  assertNamespace(namespace);
  await claim(ctx, namespace);
  await ctx.lakehouse.provision(ctx.tenantId, namespace);
  return activate(ctx, catalogName, namespace);
}

async function claim(ctx: Ctx, namespace: string): Promise<void> {
  const owner = await claimNamespace(ctx.database.db, ctx.tenantId, namespace);
  if (owner === ctx.tenantId) return;
  throw new ConflictError(
    'catalog.namespace_taken',
    `The namespace "${namespace}" belongs to another tenant; name one with --namespace.`,
  );
}

function activate(ctx: Ctx, catalogName: string, namespace: string): Promise<Catalog> {
  return ctx.database.db.transaction(async (tx) => {
    const catalog = await upsertCatalog(tx, { tenantId: ctx.tenantId, catalogName, namespace });
    if (!catalog) {
      throw new ConflictError(
        'catalog.exists',
        `The catalog "${catalogName}" exists with another namespace than "${namespace}".`,
      );
    }
    await insertAuditEvent(tx, ctx, { action: 'catalog.add', subject: catalogName, detail: { namespace } });
    return catalog;
  });
}

function assertName(catalogName: string): void {
  if (CATALOG_NAME.test(catalogName)) return;
  throw new InvalidError(
    'catalog.name_invalid',
    'A catalog name holds letters, digits, ".", "_" and "-", 128 at most, and starts with a letter or digit.',
  );
}
