import type { CatalogTable } from '../../domain/foundry/catalog.ts';
import { refuse } from './verdict.ts';

const MOST_SHOWN = 20;

/** Says what there is, never what was asked for: that could be somebody else's name. `besides` is what else may be wrong with it. */
export function refuseRelation(tables: readonly CatalogTable[], besides = ''): never {
  const shown = tables.slice(0, MOST_SHOWN).map(({ name }) => name);
  const known = shown.length === 0 ? 'there is none yet' : shown.join(', ');
  return refuse(
    'guard.relation_refused',
    `The query reads something that is no table of the catalog${besides}. Tables: ${known}${tables.length > shown.length ? ', ..' : ''}.`,
  );
}
