import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import type { Branch } from '../branch.ts';
import { refuseRelation } from '../refuse-relation.ts';
import { nameIn } from './tree.ts';

/** Names a WITH brings, in lower case, to their first spelling. */
export type Scope = ReadonlyMap<string, string>;

/**
 * The table of the catalog that a reference means; null when it means a WITH of `scope`. Names are compared as Spark does, without regard to
 * capitals, and written back as the catalog spells them, so that nothing is left for the engine to look up.
 */
export function resolveTable(
  reference: Branch,
  scope: Scope,
  tables: readonly CatalogTable[],
): CatalogTable | null {
  const parts = ['catalog', 'schema', 'name'].flatMap((key) => nameIn(reference, key)?.toLowerCase() ?? []);
  const [bare] = parts;
  const named = parts.length === 1 && bare !== undefined ? scope.get(bare) : undefined;
  if (named !== undefined) {
    reference['name'] = { name: named, quoted: false };
    return null;
  }
  const table = tableOf(parts, tables);
  const written = table.name.split('.').reverse();
  for (const [i, key] of ['name', 'schema', 'catalog'].entries()) {
    const name = written[i];
    reference[key] = name === undefined ? null : { name, quoted: false };
  }
  return table;
}

function tableOf(parts: readonly string[], tables: readonly CatalogTable[]): CatalogTable {
  const asked = parts.join('\0');
  const partsOf = (table: CatalogTable) => table.name.toLowerCase().split('.');
  const exact = tables.filter((table) => partsOf(table).join('\0') === asked);
  const byLastPart = tables.filter((table) => parts.length === 1 && partsOf(table).at(-1) === asked);
  const [table, ...others] = exact.length > 0 ? exact : byLastPart;
  if (table === undefined || others.length > 0 || table.name.split('.').length > 3)
    return refuseRelation(tables, ', or not by one name only');
  return table;
}
