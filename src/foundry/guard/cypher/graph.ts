import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { refuse } from '../verdict.ts';

/** One tenant's graph as its catalog says. */
export interface Graph {
  /** Nodes of other tenants are in it too: every pattern must be cut down to the tenant's. */
  isShared: boolean;
  tenantId: string;
  node(label: string): CatalogTable;
  relationship(type: string): CatalogTable;
}

export function graphOf(tables: readonly CatalogTable[], tenantId: string): Graph {
  const named = (kind: CatalogTable['kind'], what: string) => (name: string) => {
    const known = tables.filter((table) => table.kind === kind);
    return known.find((table) => table.name === name) ?? refuseUnknown(what, name, known);
  };
  const inGraph = tables.filter(({ kind }) => kind !== 'table');
  return {
    isShared: inGraph.some(({ tenantColumn }) => tenantColumn !== null),
    tenantId,
    node: named('node', 'label'),
    relationship: named('relationship', 'relationship type'),
  };
}

const MOST_NAMED = 20;

function refuseUnknown(what: string, asked: string, known: readonly CatalogTable[]): never {
  const names = known.slice(0, MOST_NAMED).map(({ name }) => name);
  const listed = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There are none.';
  const rest = known.length > names.length ? ` And ${known.length - names.length} more.` : '';
  refuse('guard.relation_refused', `There is no ${what} ${asked} to ask. ${listed}${rest}`);
}
