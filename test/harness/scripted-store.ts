import type { CatalogColumn, CatalogTable } from '../../src/domain/foundry/catalog.ts';
import type { QueryStore, StoreAnswer, StoreLimits, TenantScope } from '../../src/ports/query-store.ts';

export interface AskedOfStore {
  tenant: TenantScope;
  query: string;
  limits: StoreLimits;
  signal: AbortSignal;
}

export interface ScriptedStoreOptions {
  target?: QueryStore['target'];
  dialect?: QueryStore['dialect'];
  tables(tenant: TenantScope): CatalogTable[];
  answer(asked: AskedOfStore): StoreAnswer | Promise<StoreAnswer>;
}

export interface ScriptedStore extends QueryStore {
  /** Every query it was asked, in order. */
  asked: AskedOfStore[];
}

/** A store that answers what the test says: for failures, limits and words that a real engine does not give on demand. */
export function createScriptedStore({
  target = 'iomete',
  dialect = 'postgres',
  tables,
  answer,
}: ScriptedStoreOptions): ScriptedStore {
  const asked: AskedOfStore[] = [];
  return {
    target,
    dialect,
    asked,
    describe: async (tenant) => tables(tenant),
    async query(tenant, query, limits, signal) {
      const one = { tenant, query, limits, signal };
      asked.push(one);
      return answer(one);
    },
    ping: async () => {},
    close: async () => {},
  };
}

export function catalogTable(
  name: string,
  columns: Record<string, string>,
  more: Partial<CatalogTable> = {},
): CatalogTable {
  return {
    name,
    kind: 'table',
    description: null,
    rowCount: null,
    columns: Object.entries(columns).map(
      ([name, type]): CatalogColumn => ({
        name,
        type,
        nullable: true,
        description: null,
        samples: [],
      }),
    ),
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
    ...more,
  };
}

export function storeAnswer(columns: readonly string[], rows: StoreAnswer['rows']): StoreAnswer {
  return { columns: columns.map((name) => ({ name, type: 'text' })), rows, truncated: false };
}
