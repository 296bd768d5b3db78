import type { CatalogReference, CatalogTable } from '../../domain/foundry/catalog.ts';
import { stem } from '../../matching/name-tokens.ts';

/**
 * Adds the references that names tell: `customer_id` holds `id` (or `customer_id`) of the one table named customer or customers. Where
 * several are named so, only one in the same namespace is meant; where that is not one either, none is.
 */
export function withConventions(tables: readonly CatalogTable[]): CatalogTable[] {
  const byName = new Map<string, CatalogTable[]>();
  for (const table of tables) {
    if (table.kind !== 'table') continue;
    const name = singular(localName(table.name));
    byName.set(name, [...(byName.get(name) ?? []), table]);
  }
  return tables.map((table) => (table.kind === 'table' ? withReferences(table, byName) : table));
}

function withReferences(table: CatalogTable, byName: ReadonlyMap<string, CatalogTable[]>): CatalogTable {
  const known = new Set(
    table.references.flatMap(({ columns }) => (columns.length === 1 ? [columns[0] ?? ''] : [])),
  );
  const added = table.columns.flatMap(({ name }): CatalogReference[] => {
    const target = known.has(name) ? null : targetOf(table, name, byName);
    return target ? [{ columns: [name], ...target }] : [];
  });
  return added.length === 0 ? table : { ...table, references: [...table.references, ...added] };
}

function targetOf(
  from: CatalogTable,
  column: string,
  byName: ReadonlyMap<string, CatalogTable[]>,
): Pick<CatalogReference, 'table' | 'to'> | null {
  const [, named] = /^(.+?)_?id$/i.exec(column) ?? [];
  if (named === undefined || !/(_id|[a-z]Id|_ID)$/.test(column)) return null;
  const found = (byName.get(singular(named)) ?? []).flatMap((table) => {
    const to = keyOf(table, column);
    return to === null || (table === from && to === column) ? [] : [{ table: table.name, to: [to] }];
  });
  const near = found.filter(({ table }) => namespaceOf(table) === namespaceOf(from.name));
  const meant = near.length > 0 ? near : found;
  return meant.length === 1 ? (meant[0] ?? null) : null;
}

/** The column such a name refers to; null: none that could be. */
function keyOf({ columns, keys }: CatalogTable, column: string): string | null {
  const id = columns.find(({ name }) => name.toLowerCase() === 'id');
  if (id) return id.name;
  const same = columns.find(({ name }) => name.toLowerCase() === column.toLowerCase());
  return same && keys.some((key) => key.length === 1 && key[0] === same.name) ? same.name : null;
}

/** The words of a name as one, the last without its plural. */
function singular(name: string): string {
  return stem(name.toLowerCase().replaceAll('_', ''));
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function namespaceOf(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('.'), 0));
}
