import type { Catalog } from '../domain/foundry/catalog.ts';

export interface CatalogKey {
  tenantId: string;
  /** The tenant's namespaces: what is known under others is never shown. */
  scope: string;
  /** Changes when the tenant's tables do. */
  version: string;
}

/** Catalogs of the tenants that asked last. */
export interface CatalogMemory {
  /**
   * The catalog of this very key if it is young enough, else what `load` makes. Callers that come while it is made wait for the same one.
   * `load` gets what was last known in the same scope.
   */
  get(key: CatalogKey, load: (known: Catalog | null) => Promise<Catalog>): Promise<Catalog>;
}
