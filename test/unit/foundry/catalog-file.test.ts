import { describe, expect, test } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import { declared, isDeclaredFor, readCatalogFile } from '../../../src/foundry/catalog-file.ts';

const read = (content: unknown) => readCatalogFile(JSON.stringify(content), 'catalog.json');

function faultsOf(text: string): string[] {
  try {
    readCatalogFile(text, 'catalog.json');
  } catch (error) {
    if (error instanceof InvalidError) return [error.message, ...error.errors.map(({ field }) => field)];
    throw error;
  }
  return [];
}

describe('the catalog file', () => {
  test('says of a table whose it is, what it holds and what it refers to', () => {
    const file = read({
      questdb: {
        tables: [
          {
            name: 'trades',
            tenant_column: 'tenant',
            description: 'Every trade',
            columns: { px: 'Price in USD' },
            keys: [['id']],
            references: [{ columns: ['sym'], table: 'symbols', to: ['sym'] }],
          },
        ],
      },
    });
    const [trades] = declared(file, 'questdb');
    expect(trades).toEqual({
      name: 'trades',
      tenantColumn: 'tenant',
      tenants: ['*'],
      description: 'Every trade',
      columns: new Map([['px', 'Price in USD']]),
      keys: [['id']],
      references: [{ columns: ['sym'], table: 'symbols', to: ['sym'] }],
    });
    expect(declared(file, 'falkordb')).toEqual([]);
  });

  test('a table is nobody else’s unless it says so', () => {
    const file = read({
      questdb: {
        tables: [{ name: 'a' }, { name: 'b', tenants: ['acme'] }, { name: 'c', tenants: ['*'] }],
      },
    });
    const readers = declared(file, 'questdb').map((table) =>
      ['acme', 'globex'].filter((tenant) => isDeclaredFor(table, tenant)),
    );
    expect(readers).toEqual([[], ['acme'], ['acme', 'globex']]);
  });

  test.each([
    ['no JSON', '{', '(whole file)'],
    ['a target there is not', '{"mysql": {"tables": []}}', '(whole file)'],
    ['no list of tables', '{"questdb": {}}', 'questdb.tables'],
    ['a table without a name', '{"questdb": {"tables": [{}]}}', 'questdb.tables.0.name'],
    [
      'a table named twice',
      '{"questdb": {"tables": [{"name": "a"}, {"name": "a"}]}}',
      'questdb.tables.1.name',
    ],
    ['a misspelt setting', '{"questdb": {"tables": [{"name": "a", "tenant": "x"}]}}', 'questdb.tables.0'],
    [
      'nobody as tenants',
      '{"questdb": {"tables": [{"name": "a", "tenants": []}]}}',
      'questdb.tables.0.tenants',
    ],
  ])('%s is refused with its place', (_, text, field) => {
    const [message, ...fields] = faultsOf(text);
    expect(message).toContain('catalog.json');
    expect(fields).toEqual([field]);
  });
});
