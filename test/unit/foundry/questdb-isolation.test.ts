import { describe, expect, test } from 'vitest';
import { refuseForeignNames } from '../../../src/adapters/questdb/foreign-names.ts';
import { readPlan, scannedTable } from '../../../src/adapters/questdb/plan-tree.ts';
import { comparedSelects, readQueryText } from '../../../src/adapters/questdb/query-text.ts';
import { parseStoreUrl } from '../../../src/adapters/questdb/store-url.ts';
import { tablesOf } from '../../../src/adapters/questdb/visible-tables.ts';
import { engineWords } from '../../../src/foundry/engine-words.ts';

const TENANT = { tenantId: 'a', namespaces: ['ivory_tenant_a'] };

describe('whose tables are whose', () => {
  const names = [
    'ivory_tenant_a.t',
    'ivory_tenant_a_b.t',
    'ivory_tenant_a',
    'ivory_tenant_a__t',
    'ticks',
    '.t',
  ];
  const visible = (isOwnServer: boolean) =>
    tablesOf(TENANT, names, { declared: [], isOwnServer }).visible.map(({ name }) => name);

  test('the first dot ends the namespace, and nothing else does', () => {
    expect(visible(false)).toEqual(['ivory_tenant_a.t']);
  });

  test('on a server of the tenant’s own all are', () => {
    expect(visible(true)).toEqual(names);
  });

  test('a url names a server for each tenant only by its place', () => {
    const kinds = ['x:y@{tenant}.db:8812', '{tenant}:y@db:8812', 'x:y@db:8812'].map((rest) => {
      const { isServerPerTenant, isTemplate, urlOf } = parseStoreUrl(`postgres://${rest}/qdb`);
      return [isServerPerTenant, isTemplate, urlOf({ ...TENANT, tenantId: 'a@b' })];
    });
    expect(kinds).toEqual([
      [true, true, 'postgres://x:y@a%40b.db:8812/qdb'],
      [false, true, 'postgres://a%40b:y@db:8812/qdb'],
      [false, false, 'postgres://x:y@db:8812/qdb'],
    ]);
  });
});

describe('names of others', () => {
  const judge = (query: string, columns: string[] = []) =>
    refuseForeignNames(query, { foreign: ['b.t', 'price'], columns: new Set(columns) });

  test.each(['SELECT * FROM "b.t"', 'SELECT * FROM B.T', "SELECT 'b.t'", 'SELECT price FROM x'])(
    'refused: %s',
    (query) => expect(() => judge(query)).toThrow('among yours'),
  );

  test('a column of one’s own may be called like another’s table, but not stand where tables do', () => {
    expect(() => judge('SELECT ts, price, max(price) FROM x', ['price'])).not.toThrow();
    expect(() => judge('SELECT max(price) FROM x WHERE price > 1', ['price'])).not.toThrow();
    expect(() => judge('SELECT 1 FROM ("price")', ['price'])).toThrow('among yours');
    expect(() => judge('SELECT ab.ts, cb.total FROM x')).not.toThrow();
  });
});

describe('text and plan', () => {
  test('what a timestamp is compared with is found, with what stands before it', () => {
    const text = readQueryText(
      'WITH m AS (SELECT 1) SELECT * FROM (SELECT * FROM m) WHERE ts > (SELECT max(ts) FROM m)',
    );
    expect(comparedSelects(text)).toEqual([
      { select: 'SELECT max(ts) FROM m', preamble: 'WITH m AS (SELECT 1) ' },
    ]);
  });

  test('a step that is on no list is refused, and every scan names its table', () => {
    const [root] = readPlan(['Count', '    PageFrame', '        Frame forward scan on: b.t [state-shared]']);
    const scan = root?.children[0]?.children[0];
    expect(scan && scannedTable(scan)).toBe('b.t');
    for (const line of ['tables()', 'Update table: x', 'query_activity()', 'parquet page frame scan'])
      expect(() => readPlan([line])).toThrow('refused');
  });
});

test('a store’s words tell nothing of its machine', () => {
  expect(
    engineWords('could not open /var/lib/qdb/x.parquet [errno=2] at 10.0.0.7:8812, see https://h/x'),
  ).toBe('could not open … at …, see …');
});
