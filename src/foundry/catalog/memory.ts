import type { Catalog } from '../../domain/foundry/catalog.ts';
import type { CatalogKey, CatalogMemory } from '../../ports/catalog-memory.ts';

export interface CatalogMemoryOptions {
  /** How long a catalog is good when nothing tells of a change. */
  ttlMs?: number;
  /** The same where a store did not answer. */
  brokenTtlMs?: number;
  maxTenants?: number;
  /** Of all tenants together. */
  maxTables?: number;
  /** Milliseconds, never backwards. */
  clock?: () => number;
}

interface Entry {
  key: CatalogKey;
  catalog: Catalog;
  until: number;
  tables: number;
}

export function createCatalogMemory({
  ttlMs = 300_000,
  brokenTtlMs = 15_000,
  maxTenants = 500,
  maxTables = 50_000,
  clock = () => performance.now(),
}: CatalogMemoryOptions = {}): CatalogMemory {
  /** By tenant, the least recently used first. */
  const entries = new Map<string, Entry>();
  const loading = new Map<string, Promise<Catalog>>();

  function keep(key: CatalogKey, catalog: Catalog): void {
    const isWhole = catalog.sources.every(({ available }) => available);
    const tables = catalog.sources.reduce((sum, source) => sum + source.tables.length, 0);
    entries.delete(key.tenantId);
    entries.set(key.tenantId, { key, catalog, until: clock() + (isWhole ? ttlMs : brokenTtlMs), tables });
    let sum = [...entries.values()].reduce((all, entry) => all + entry.tables, 0);
    for (const [tenantId, entry] of entries) {
      if ((entries.size <= maxTenants && sum <= maxTables) || tenantId === key.tenantId) break;
      entries.delete(tenantId);
      sum -= entry.tables;
    }
  }

  function begin(key: CatalogKey, id: string, load: (known: Catalog | null) => Promise<Catalog>) {
    const last = entries.get(key.tenantId);
    const making = load(last?.key.scope === key.scope ? last.catalog : null).then((catalog) => {
      keep(key, catalog);
      return catalog;
    });
    loading.set(id, making);
    const done = () => loading.delete(id);
    making.then(done, done);
    return making;
  }

  return {
    async get(key, load) {
      const entry = entries.get(key.tenantId);
      if (entry && isSame(entry.key, key) && clock() < entry.until) {
        entries.delete(key.tenantId);
        entries.set(key.tenantId, entry);
        return entry.catalog;
      }
      const id = JSON.stringify([key.tenantId, key.scope, key.version]);
      return loading.get(id) ?? begin(key, id, load);
    },
  };
}

function isSame(a: CatalogKey, b: CatalogKey): boolean {
  return a.tenantId === b.tenantId && a.scope === b.scope && a.version === b.version;
}
