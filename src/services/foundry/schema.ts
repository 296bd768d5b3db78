import type { Ctx } from '../../context.ts';
import { listMappedKeys, readCatalogState } from '../../db/queries/foundry-catalog.ts';
import type { Catalog } from '../../domain/foundry/catalog.ts';
import { assembleCatalog } from '../../foundry/catalog/assemble.ts';
import { withKeys } from '../../foundry/catalog/known-keys.ts';
import type { TenantScope } from '../../ports/query-store.ts';

/** Of each store. */
const DESCRIBE_TIMEOUT_MS = 30_000;

export interface TenantCatalog {
  /** Who asks the stores: read with every question, so that a catalog that was disabled is not asked. */
  tenant: TenantScope;
  /** Every configured store is a source. Shared with other requests of the tenant: not to be changed. */
  catalog: Catalog;
}

/** What the tenant can ask about, as fresh as its last load. A store that is down is in it as not available. */
export async function foundrySchema(ctx: Ctx): Promise<TenantCatalog> {
  const { tenantId, database } = ctx;
  const { namespaces, version } = await readCatalogState(database.db, tenantId);
  const tenant: TenantScope = { tenantId, namespaces };
  const key = { tenantId, scope: JSON.stringify(namespaces), version };
  const catalog = await ctx.catalogs.get(key, async (known) => {
    const keys = await listMappedKeys(database.db, tenantId);
    const assembled = await assembleCatalog(ctx.stores, tenant, {
      timeoutMs: DESCRIBE_TIMEOUT_MS,
      // others may wait for it too: it does not end with the request that began it
      signal: new AbortController().signal,
      known,
      onFailure: (target, error) =>
        ctx.log.warn({ event: 'foundry.store_undescribed', target, err: error }, 'a store was not described'),
    });
    return withKeys(assembled, keys);
  });
  return { tenant, catalog };
}
