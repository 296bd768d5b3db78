import type { Catalog, CatalogTable } from '../../domain/foundry/catalog.ts';

/** Adds keys that the lakehouse does not tell of itself, by table name, where all their columns are there. */
export function withKeys(catalog: Catalog, keys: ReadonlyMap<string, readonly string[]>): Catalog {
  if (keys.size === 0) return catalog;
  return {
    sources: catalog.sources.map((source) =>
      source.target === 'iomete'
        ? { ...source, tables: source.tables.map((table) => withKey(table, keys.get(table.name) ?? [])) }
        : source,
    ),
  };
}

function withKey(table: CatalogTable, key: readonly string[]): CatalogTable {
  const names = new Set(table.columns.map(({ name }) => name));
  if (key.length === 0 || !key.every((column) => names.has(column))) return table;
  const wanted = [...key].sort().join('\n');
  if (table.keys.some((known) => [...known].sort().join('\n') === wanted)) return table;
  return { ...table, keys: [...table.keys, [...key]] };
}
