import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { type Branch, listed, under } from '../branch.ts';
import { refuse } from '../verdict.ts';
import type { SparkParser } from './parser.ts';
import { resolveTable, type Scope } from './relations.ts';
import { expression, isAbsent, nameIn } from './tree.ts';

const TEMPLATE = "SELECT * FROM (SELECT * FROM t WHERE c = '') AS a";

/** `(SELECT * FROM t WHERE <tenant column> = '<tenant>') AS <alias>`, to stand where `reference` stands. */
export function tenantFilter(
  parser: SparkParser,
  reference: Branch,
  table: CatalogTable,
  tenantId: string,
): Branch {
  if (!isAbsent(reference['table_sample']))
    refuse('guard.construct_refused', 'A table shared by several tenants is not sampled.');
  const [filtered] = listed(under(under(parser.parse(TEMPLATE), 'select'), 'from'), 'expressions');
  if (filtered === undefined) throw new Error('the template has a source');
  const subquery = under(filtered, 'subquery');
  const select = under(under(subquery, 'this'), 'select');
  const { source, column, literal } = filterParts(select);
  for (const key of ['name', 'schema', 'catalog']) source[key] = reference[key];
  column['name'] = { name: table.tenantColumn, quoted: false };
  literal['value'] = tenantId;
  subquery['alias'] = isAbsent(reference['alias']) ? { ...under(reference, 'name') } : reference['alias'];
  subquery['column_aliases'] = reference['column_aliases'];
  return filtered;
}

/** The reference to a table in a select that is nothing but its tenant filter; null for any other select. */
export function tenantFiltered(
  select: Branch,
  scope: Scope,
  { tables, tenantId }: { tables: readonly CatalogTable[]; tenantId: string },
): Branch | null {
  const held = Object.keys(select).filter((key) => !isAbsent(select[key]));
  if (held.sort().join() !== 'expressions,from,where_clause') return null;
  const [star, ...columns] = listed(select, 'expressions');
  const [from, ...sources] = listed(under(select, 'from'), 'expressions');
  const isStar =
    expression(star)?.kind === 'star' && Object.values(under(star ?? {}, 'star')).every(isAbsent);
  if (!isStar || columns.length > 0 || sources.length > 0 || expression(from)?.kind !== 'table') return null;
  const { source, column, literal } = filterParts(select);
  if (!isAbsent(source['alias']) || !isAbsent(source['table_sample'])) return null;
  const isTenant = literal['literal_type'] === 'string' && literal['value'] === tenantId;
  if (!isTenant || !isAbsent(column['table'])) return null;
  const table = resolveTable(source, scope, tables);
  return table !== null && table.tenantColumn === nameIn(column, 'name') ? source : null;
}

function filterParts(select: Branch): { source: Branch; column: Branch; literal: Branch } {
  const [from = {}] = listed(under(select, 'from'), 'expressions');
  const equal = under(under(under(select, 'where_clause'), 'this'), 'eq');
  return {
    source: under(from, 'table'),
    column: under(under(equal, 'left'), 'column'),
    literal: under(under(equal, 'right'), 'literal'),
  };
}
