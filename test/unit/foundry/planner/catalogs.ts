import type { Catalog, CatalogSource, CatalogTable } from '../../../../src/domain/foundry/catalog.ts';
import type { Planned } from '../../../../src/domain/foundry/plan.ts';
import { planQuestion } from '../../../../src/foundry/planner/plan.ts';

export const NOW = new Date('2026-11-21T12:00:00Z');

/** A table from `name type` pairs; samples after a colon: `side SYMBOL: buy, sell`. */
export function table(
  name: string,
  columns: readonly string[],
  more: Partial<CatalogTable> = {},
): CatalogTable {
  return {
    name,
    kind: 'table',
    description: null,
    rowCount: null,
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
    columns: columns.map((text) => {
      const [head = '', samples = ''] = text.split(': ');
      const at = head.lastIndexOf(' ');
      return {
        name: head.slice(0, at),
        type: head.slice(at + 1),
        nullable: true,
        description: null,
        samples: samples === '' ? [] : samples.split(', '),
      };
    }),
    ...more,
  };
}

export function source(
  dialect: CatalogSource['dialect'],
  tables: CatalogTable[],
  available = true,
): CatalogSource {
  const targets = { spark: 'iomete', postgres: 'postgres', questdb: 'questdb', cypher: 'falkordb' } as const;
  return { target: targets[dialect], dialect, available, tables };
}

export const TRADES = table(
  'ns.trades',
  [
    'ts TIMESTAMP',
    'symbol SYMBOL: BTC-USD, ETH-USD',
    'side SYMBOL: buy, sell',
    'price DOUBLE',
    'amount DOUBLE',
  ],
  { timeColumn: 'ts' },
);

const END = (columns: string, to: string) => ({ columns: [columns], table: to, to: ['id'] });
export const GRAPH = [
  table('Airport', ['iata String', 'name String', 'state String'], { kind: 'node' }),
  table('Person', ['name String', 'born Integer'], { kind: 'node' }),
  table('Movie', ['title String', 'released Integer'], { kind: 'node' }),
  table('ROUTE', ['count Integer'], {
    kind: 'relationship',
    references: [END('start', 'Airport'), END('end', 'Airport')],
  }),
  table('DIRECTED', [], { kind: 'relationship', references: [END('start', 'Person'), END('end', 'Movie')] }),
];

export const SALES = [
  table('ns.companies', ['id integer', 'name text', 'industry text: Energy, Retail'], { keys: [['id']] }),
  table(
    'ns.deals',
    [
      'id integer',
      'company_id integer',
      'stage text: Open, Won, Lost',
      'amount numeric',
      'Cost Total $ integer',
      'deal_date date',
    ],
    { keys: [['id']], references: [{ columns: ['company_id'], table: 'ns.companies', to: ['id'] }] },
  ),
];

export function ask(question: string, sources: CatalogSource[], earlier: string[] = []): Planned {
  const catalog: Catalog = { sources };
  const context = earlier.map((content) => ({ role: 'user' as const, content }));
  return planQuestion({ question, context, catalog, sources: [], now: NOW });
}

/** The query that is planned; what is said instead where there is none. */
export function queryOf(planned: Planned): string {
  return planned.kind === 'plan' ? planned.plan.query : planned.kind;
}
