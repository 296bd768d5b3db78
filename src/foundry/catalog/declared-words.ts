import type { CatalogTable } from '../../domain/foundry/catalog.ts';
import type { QueryStore } from '../../ports/query-store.ts';
import type { DeclaredTable } from '../catalog-file.ts';

/** The same store; what the operator says of its tables comes first, keys and references are added to those it has. */
export function withDeclaredWords(store: QueryStore, declared: readonly DeclaredTable[]): QueryStore {
  if (declared.length === 0) return store;
  const byName = new Map(declared.map((table) => [table.name, table]));
  return {
    ...store,
    async describe(tenant, signal) {
      const tables = await store.describe(tenant, signal);
      return tables.map((table) => {
        const words = byName.get(table.name);
        return words ? merged(table, words) : table;
      });
    },
  };
}

function merged(table: CatalogTable, words: DeclaredTable): CatalogTable {
  return {
    ...table,
    description: words.description ?? table.description,
    columns: table.columns.map((column) => ({
      ...column,
      description: words.columns.get(column.name) ?? column.description,
    })),
    keys: withoutRepeats([...table.keys, ...words.keys.map((key) => [...key])]),
    references: withoutRepeats([...words.references, ...table.references]),
  };
}

function withoutRepeats<Value>(values: readonly Value[]): Value[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
