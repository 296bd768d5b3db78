import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { type Branch, listed, under } from '../branch.ts';
import { refuseRelation } from '../refuse-relation.ts';
import { partsOf, textIn } from './tree.ts';

/** Names a WITH brings, in lower case. */
export type Scope = ReadonlySet<string>;

/**
 * The table of the catalog that a name means, without regard to capitals; null when it means a WITH of `scope`. The catalog's spelling is
 * written back.
 */
export function resolveTable(
  name: Branch,
  scope: Scope,
  tables: readonly CatalogTable[],
): CatalogTable | null {
  const parts = partsOf(name);
  const [only = ''] = parts;
  if (parts.length === 1 && scope.has(only.toLowerCase())) return null;
  const written = (parts.length > 1 && only.toLowerCase() === 'public' ? parts.slice(1) : parts).join('.');
  const matching = tables.filter((table) => table.name.toLowerCase() === written.toLowerCase());
  const [table, ...others] = matching;
  if (table === undefined || others.length > 0) return refuseRelation(tables);
  name['parts'] = [table.name];
  return table;
}

/** `(SELECT * FROM t WHERE <tenant column> = '<tenant>')`: keeps the order of time, so SAMPLE BY, LATEST ON and ASOF JOIN still work. */
export function tenantFilter(table: CatalogTable, tenantId: string): Branch {
  return {
    type: 'select',
    columns: [{ type: 'star' }],
    from: [{ type: 'tableRef', table: { type: 'qualifiedName', parts: [table.name] } }],
    where: {
      type: 'binary',
      operator: '=',
      left: { type: 'column', name: { type: 'qualifiedName', parts: [table.tenantColumn] } },
      right: { type: 'literal', value: tenantId, literalType: 'string' },
    },
  };
}

/** The reference to a table in a select that is nothing but its tenant filter; null for any other select. */
export function tenantFiltered(
  select: Branch,
  scope: Scope,
  { tables, tenantId }: { tables: readonly CatalogTable[]; tenantId: string },
): Branch | null {
  const [source, ...others] = listed(select, 'from');
  const name = under(source ?? {}, 'table');
  if (source === undefined || others.length > 0 || name['type'] !== 'qualifiedName') return null;
  const [only = ''] = partsOf(name);
  const table = tables.find((candidate) => candidate.name.toLowerCase() === only.toLowerCase());
  if (!table || table.tenantColumn === null || scope.has(only.toLowerCase())) return null;
  const wanted = tenantFilter(table, tenantId);
  under(listed(wanted, 'from')[0] ?? {}, 'table')['parts'] = [only];
  return sameTree(select, wanted) && textIn(select, 'type') === 'select' ? source : null;
}

function sameTree(one: unknown, other: unknown): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

/** What is not there, or false, is no difference. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, held]) => held !== undefined && held !== false)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, held]) => [key, sorted(held)]),
  );
}
