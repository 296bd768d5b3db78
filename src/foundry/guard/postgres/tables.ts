import type { CatalogTable } from '../../../domain/foundry/catalog.ts';
import { refuse } from '../verdict.ts';

/** One table a query may read, by the two names Postgres knows it by. */
export interface OwnTable {
  /** undefined: the search path of the tenant's role leads to it. */
  schema: string | undefined;
  name: string;
  table: CatalogTable;
}

/** A schema's name has no dot in it; a table's may. */
export function ownTables(tables: readonly CatalogTable[]): OwnTable[] {
  return tables
    .filter(({ kind }) => kind === 'table')
    .map((table) => {
      const dot = table.name.indexOf('.');
      const schema = dot > 0 ? table.name.slice(0, dot) : undefined;
      return { schema, name: table.name.slice(dot > 0 ? dot + 1 : 0), table };
    })
    .filter(({ schema, name }) => !isOfTheServer(schema ?? name));
}

/** Without a schema the system's own tables would come first. */
function isOfTheServer(name: string): boolean {
  return name.startsWith('pg_') || name === 'information_schema';
}

/** The one table of the tenant that is meant; a bare name must mean one only. */
export function tableNamed(own: readonly OwnTable[], schema: string | undefined, name: string): OwnTable {
  const [found, ...more] = own.filter(
    (table) => table.name === name && (schema === undefined || table.schema === schema),
  );
  if (!found) return refuseUnknown(own, schema === undefined ? name : `${schema}.${name}`);
  if (more.length > 0)
    refuse('guard.relation_refused', `There are several tables ${name}: write the schema before it.`);
  return found;
}

const MOST_NAMED = 20;

function refuseUnknown(own: readonly OwnTable[], asked: string): never {
  const names = own.slice(0, MOST_NAMED).map(({ table }) => table.name);
  const known = names.length > 0 ? `There are: ${names.join(', ')}.` : 'There are none.';
  const rest = own.length > names.length ? ` And ${own.length - names.length} more.` : '';
  refuse('guard.relation_refused', `There is no table ${asked} to ask. ${known}${rest}`);
}
