import { describe, expect, test } from 'vitest';
import { guardQuestdb } from '../../../../../src/foundry/guard/questdb/guard.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/questdb/catalog.ts';

const ask = (query: string, tenantId = TENANT) =>
  guardQuestdb({ tenantId, query, tables: TABLES, maxRows: 1_000 });
const written = async (query: string, tenantId?: string) => {
  const verdict = await ask(query, tenantId);
  return verdict.allowed ? verdict.query : verdict.code;
};

describe('the limit of rows', () => {
  test.each([
    ['SELECT ts FROM sp500', 'SELECT ts FROM sp500 LIMIT 1000', true],
    ['sp500', 'SELECT * FROM sp500 LIMIT 1000', true],
    ['SELECT ts FROM sp500 LIMIT 7', 'SELECT ts FROM sp500 LIMIT 7', false],
    ['SELECT ts FROM sp500 LIMIT -7', 'SELECT ts FROM sp500 LIMIT -7', false],
    ['SELECT ts FROM sp500 LIMIT 5000, 5100', 'SELECT ts FROM sp500 LIMIT 5000, 5100', false],
    ['SELECT ts FROM sp500 LIMIT 1001', 'SELECT * FROM (SELECT ts FROM sp500 LIMIT 1001) LIMIT 1000', true],
    ['SELECT ts FROM sp500 LIMIT -1001', 'SELECT * FROM (SELECT ts FROM sp500 LIMIT -1001) LIMIT 1000', true],
    ['SELECT ts FROM sp500 LIMIT 5, -5', 'SELECT * FROM (SELECT ts FROM sp500 LIMIT 5, -5) LIMIT 1000', true],
    [
      'SELECT ts FROM sp500 UNION SELECT ts FROM stocks LIMIT 3',
      'SELECT * FROM (SELECT ts FROM sp500 UNION SELECT ts FROM stocks LIMIT 3) LIMIT 1000',
      true,
    ],
  ])('%s', async (query, expected, limited) => {
    expect(await ask(query)).toEqual({ allowed: true, query: expected, limited });
  });
});

describe('a table shared by several tenants', () => {
  const filter = "(SELECT * FROM ticks WHERE org = 'acme')";

  test.each([
    ['ticks', `SELECT * FROM ${filter} AS ticks LIMIT 1000`],
    ['SELECT price FROM Ticks t', `SELECT price FROM ${filter} AS t LIMIT 1000`],
    [
      'SELECT avg(price) FROM ticks SAMPLE BY 1d',
      `SELECT avg(price) FROM ${filter} AS ticks SAMPLE BY 1d LIMIT 1000`,
    ],
    [
      'SELECT * FROM ticks LATEST ON ts PARTITION BY symbol',
      `SELECT * FROM ${filter} AS ticks LATEST ON ts PARTITION BY symbol LIMIT 1000`,
    ],
    [
      'SELECT * FROM stocks ASOF JOIN ticks ON (symbol)',
      `SELECT * FROM stocks ASOF JOIN ${filter} AS ticks ON (symbol) LIMIT 1000`,
    ],
    [
      'WITH x AS (ticks) SELECT * FROM stocks WHERE symbol IN (SELECT symbol FROM x)',
      `WITH x AS (SELECT * FROM ${filter} AS ticks) SELECT * FROM stocks WHERE symbol IN (SELECT symbol FROM x) LIMIT 1000`,
    ],
    [`SELECT * FROM ${filter} t`, `SELECT * FROM ${filter} AS t LIMIT 1000`],
    [
      "SELECT * FROM (SELECT * FROM ticks WHERE org = 'globex') t",
      `SELECT * FROM (SELECT * FROM ${filter} AS ticks WHERE org = 'globex') AS t LIMIT 1000`,
    ],
    [
      "SELECT * FROM (SELECT * FROM ticks t WHERE org = 'acme') t",
      `SELECT * FROM (SELECT * FROM ${filter} AS t WHERE org = 'acme') AS t LIMIT 1000`,
    ],
  ])('%s', async (query, expected) => {
    expect(await written(query)).toBe(expected);
  });

  test('is filtered by the tenant as it is called, quotes included', async () => {
    expect(await written('SELECT ts FROM ticks', "x' OR 'a'='a")).toBe(
      "SELECT ts FROM (SELECT * FROM ticks WHERE org = 'x'' OR ''a''=''a') AS ticks LIMIT 1000",
    );
  });
});

describe('names', () => {
  test('of tables are those of the catalog, dots in them included', async () => {
    const [first] = TABLES;
    if (!first) throw new Error('there are tables');
    const judge = (query: string) =>
      guardQuestdb({ tenantId: TENANT, query, tables: [{ ...first, name: 'acme.Flights' }], maxRows: 9 });
    for (const name of ['acme.flights', '"acme.flights"', 'ACME.FLIGHTS', 'public.acme.flights'])
      expect(await judge(`SELECT ts FROM ${name}`), name).toMatchObject({
        query: 'SELECT ts FROM "acme.Flights" LIMIT 9',
      });
    expect(await judge('SELECT ts FROM flights')).toMatchObject({ code: 'guard.relation_refused' });
  });

  test('of a table nobody may read are never repeated', async () => {
    expect(JSON.stringify(await ask('SELECT * FROM globex_trades'))).not.toMatch(/globex/);
  });

  test.each(['"a""b"', '"a\nb"', '"a\u2028b"', '"a\u00a0b"'])(
    'that end who knows where are refused',
    async (name) => {
      expect(await ask(`SELECT price AS ${name} FROM stocks`)).toMatchObject({ allowed: false });
    },
  );
});

test('a list of tables and a JOIN are not mixed: the parser would put the join elsewhere', async () => {
  expect(await written('SELECT * FROM sp500, stocks JOIN weather ON weather.ts = stocks.ts')).toBe(
    'guard.construct_refused',
  );
});

test('two minus signs never become a comment', async () => {
  const verdict = await written('SELECT -(-price) AS a, 1 - -2 AS b, -(-(-1)) AS c FROM stocks');
  expect(verdict).not.toContain('--');
  expect(verdict).toMatch(/^SELECT /);
});

test('comments are gone from what runs', async () => {
  expect(await written("SELECT ts, /* a */ '-- b' AS x -- c\nFROM sp500 /* d */")).toBe(
    "SELECT ts, '-- b' AS x FROM sp500 LIMIT 1000",
  );
});
