import { describe, expect, test } from 'vitest';
import type {
  Catalog,
  CatalogColumn,
  CatalogSource,
  CatalogTable,
} from '../../../src/domain/foundry/catalog.ts';
import { withConventions } from '../../../src/foundry/catalog/conventions.ts';
import { prune } from '../../../src/foundry/catalog/prune.ts';

type ColumnSpec = string | [name: string, changes: Partial<CatalogColumn>];

function table(name: string, columns: ColumnSpec[], changes: Partial<CatalogTable> = {}): CatalogTable {
  return {
    name,
    kind: 'table',
    description: null,
    rowCount: null,
    columns: columns.map((spec) => {
      const [column, more] = typeof spec === 'string' ? [spec, {}] : spec;
      return { name: column, type: 'string', nullable: true, description: null, samples: [], ...more };
    }),
    keys: [],
    references: [],
    tenantColumn: null,
    timeColumn: null,
    ...changes,
  };
}

function source(target: CatalogSource['target'], tables: CatalogTable[]): CatalogSource {
  const dialect = { iomete: 'spark', questdb: 'questdb', falkordb: 'cypher', postgres: 'postgres' } as const;
  return { target, dialect: dialect[target], available: true, tables: withConventions(tables) };
}

const SUBJECTS =
  'invoice shipment warehouse ticket lead campaign payroll holiday machine sensor pallet truck lane budget forecast vendor permit parcel claim policy'.split(
    ' ',
  );
const THINGS =
  'header line note tag history audit archive queue batch import export setting rule template alert metric event version lock cursor'.split(
    ' ',
  );

/** 2,000 tables of 30 columns that none of the questions is about. */
function noise(): CatalogTable[] {
  return SUBJECTS.flatMap((subject) =>
    THINGS.flatMap((thing) =>
      [1, 2, 3, 4, 5].map((n) =>
        table(
          `ivory_tenant_acme.${subject}_${thing}_v${n}`,
          Array.from({ length: 30 }, (_, at) => `${THINGS[at % THINGS.length]}_${subject}_${at}`),
          { rowCount: 1_000 },
        ),
      ),
    ),
  );
}

const LAKE = [
  table(
    'ivory_tenant_acme.deals',
    [
      'id',
      'name',
      'amount',
      ['stage_name', { samples: ['Closed Won', 'Prospecting'] }],
      'close_date',
      'account_id',
    ],
    { keys: [['id']] },
  ),
  table(
    'ivory_tenant_acme.accounts',
    ['id', 'name', ['industry', { samples: ['Semiconductors', 'Banking'] }], 'billing_country'],
    { keys: [['id']] },
  ),
  table('ivory_tenant_acme.revenue_breakdowns', [
    ['ticker', { samples: ['AAPL', 'MSFT'] }],
    'segment_name',
    'revenue_usd_millions',
    'yoy_growth_pct',
    'fiscal_year',
  ]),
  table(
    'ivory_tenant_acme.bird_strikes',
    ['airport_name', 'wildlife_species', 'cost_total_usd', 'flight_date'],
    { description: 'FAA reports of birds that hit aircraft' },
  ),
  table('ivory_tenant_acme.emp_hist', ['emp_no', 'dept_cd', 'sal_amt', 'hire_dt']),
  table('ivory_tenant_acme.order_products', ['order_id', 'product_id', 'qty']),
  table('ivory_tenant_acme.orders', ['id', 'customer_id', 'ordered_at']),
  table('ivory_tenant_acme.products', ['id', 'title', 'unit_price']),
];
const SERIES = [
  table('trades', ['ts', ['symbol', { samples: ['BTC-USD', 'ETH-USD'] }], 'price', 'amount'], {
    timeColumn: 'ts',
  }),
];
const GRAPH = [
  table('Company', ['name', 'country'], { kind: 'node' }),
  table('OWNS', ['share'], {
    kind: 'relationship',
    references: [
      { columns: ['start'], table: 'Person', to: ['id'] },
      { columns: ['end'], table: 'Company', to: ['id'] },
    ],
  }),
  table('Person', ['name', 'born'], { kind: 'node' }),
];
const large: Catalog = {
  sources: [source('iomete', [...noise(), ...LAKE]), source('questdb', SERIES), source('falkordb', GRAPH)],
};
const LIMITS = { maxTables: 12, maxCharacters: 20_000 };

const names = ({ sources }: Catalog) => sources.flatMap(({ tables }) => tables.map(({ name }) => name));
const columnsOf = ({ sources }: Catalog, name: string) =>
  sources
    .flatMap(({ tables }) => tables)
    .find((one) => one.name === name)
    ?.columns.map((column) => column.name);

describe('of 2,008 tables in three stores, those that a question is about stay', () => {
  test.each<[string, string[]]>([
    ['How many deals were closed won last quarter?', ['ivory_tenant_acme.deals']],
    ['What is the total deal amount by industry?', ['ivory_tenant_acme.deals', 'ivory_tenant_acme.accounts']],
    [
      "What were AAPL's top 3 revenue segments by growth in FY2024?",
      ['ivory_tenant_acme.revenue_breakdowns'],
    ],
    ['Which semiconductors customers are in Taiwan?', ['ivory_tenant_acme.accounts']],
    ['At which airports do birds hit aircraft most often?', ['ivory_tenant_acme.bird_strikes']],
    ['average salary by department', ['ivory_tenant_acme.emp_hist']],
    [
      'Which product titles were ordered together?',
      ['ivory_tenant_acme.order_products', 'ivory_tenant_acme.orders', 'ivory_tenant_acme.products'],
    ],
    ['What was the price of BTC-USD an hour ago?', ['trades']],
    ['Who owns a company in Malta?', ['Company', 'OWNS', 'Person']],
    ['opportunities by stage', ['ivory_tenant_acme.deals']],
  ])('%s', (question, expected) => {
    const pruned = prune(large, question, LIMITS);
    expect(names(pruned)).toEqual(expect.arrayContaining(expected));
    expect(names(pruned).length).toBeLessThanOrEqual(LIMITS.maxTables);
    expect(JSON.stringify(pruned).length).toBeLessThan(LIMITS.maxCharacters + 1_000);
  });
});

test('a table between two that a question names comes with them, though no word names it', () => {
  const tables = [
    ...noise().slice(0, 300),
    table('films', ['id', 'title'], { keys: [['id']] }),
    table('actors', ['id', 'surname'], { keys: [['id']] }),
    table('x_9', ['film_id', 'actor_id']),
  ];
  const pruned = prune({ sources: [source('postgres', tables)] }, 'films of each actor', LIMITS);
  expect(names(pruned)).toEqual(expect.arrayContaining(['films', 'actors', 'x_9']));
});

test('a question of strange words still gets tables, the largest', () => {
  const tables = [...noise().slice(0, 50), table('big', ['id'], { rowCount: 1_000_000 })];
  const pruned = prune({ sources: [source('iomete', tables)] }, 'xyzzy?', LIMITS);
  expect(names(pruned)[0]).toBe('big');
});

test('a catalog that fits stays as it is, and stores without tables stay in a pruned one', () => {
  const small: Catalog = { sources: [source('iomete', LAKE)] };
  expect(prune(small, 'how many deals?', { maxTables: 20, maxCharacters: 50_000 })).toBe(small);
  const pruned = prune(large, 'trades of today', LIMITS);
  expect(pruned.sources.map(({ target }) => target)).toEqual(['iomete', 'questdb', 'falkordb']);
});

test('a table of a thousand columns keeps its keys, its references and what the question names', () => {
  const wide = table(
    'ivory_tenant_acme.wide',
    [
      'id',
      'account_id',
      ...Array.from({ length: 1_000 }, (_, n) => `field_${n}_of_something_long`),
      'churn_risk',
    ],
    { keys: [['id']] },
  );
  const catalog: Catalog = { sources: [source('iomete', [wide, ...LAKE])] };
  const pruned = prune(catalog, 'wide churn risk by industry', LIMITS);
  const kept = columnsOf(pruned, wide.name) ?? [];
  expect(kept).toEqual(expect.arrayContaining(['id', 'account_id', 'churn_risk']));
  expect(kept.length).toBeLessThan(200);
  expect(names(pruned)).toContain('ivory_tenant_acme.accounts');
});

test('the same question always gets the same tables in the same order', () => {
  const reversed: Catalog = {
    sources: large.sources.map((one) => ({ ...one, tables: [...one.tables].reverse() })),
  };
  const question = 'total deal amount by industry';
  expect(names(prune(reversed, question, LIMITS))).toEqual(names(prune(large, question, LIMITS)));
});
