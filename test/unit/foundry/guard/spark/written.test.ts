import { describe, expect, test } from 'vitest';
import { guardSpark } from '../../../../../src/foundry/guard/spark/guard.ts';
import { TABLES, TENANT } from '../../../../fixtures/foundry/spark/catalog.ts';

const ask = (query: string, maxRows = 1_000, tenantId = TENANT) =>
  guardSpark({ tenantId, query, tables: TABLES, maxRows });
const written = async (query: string, maxRows?: number, tenantId?: string) => {
  const verdict = await ask(query, maxRows, tenantId);
  return verdict.allowed ? verdict.query : verdict.code;
};

describe('the limit of rows', () => {
  test.each([
    ['SELECT 1 AS a', 'SELECT * FROM (SELECT 1 AS a) AS answer LIMIT 1000', true],
    ['SELECT current_date()', 'SELECT * FROM (SELECT CURRENT_DATE()) AS answer LIMIT 1000', true],
    ['SELECT 1 AS a LIMIT 7', 'SELECT 1 AS a LIMIT 7', false],
    ['SELECT 1 AS a LIMIT 1000', 'SELECT 1 AS a LIMIT 1000', false],
    ['SELECT 1 AS a LIMIT 1001', 'SELECT 1 AS a LIMIT 1000', true],
    ['SELECT 1 AS a LIMIT 9 OFFSET 3', 'SELECT 1 AS a LIMIT 9 OFFSET 3', false],
    ['SELECT 1 UNION SELECT 2', 'SELECT * FROM (SELECT 1 UNION SELECT 2) AS answer LIMIT 1000', true],
    [
      'SELECT at FROM flights UNION SELECT at FROM flights ORDER BY 1',
      'SELECT `at` FROM ivory_tenant_acme.flights UNION SELECT `at` FROM ivory_tenant_acme.flights ORDER BY 1 LIMIT 1000',
      true,
    ],
    ['(SELECT 1 AS a LIMIT 5000)', '(SELECT 1 AS a LIMIT 5000) LIMIT 1000', true],
    ['VALUES (1), (2)', 'SELECT * FROM (VALUES (1), (2)) AS answer LIMIT 1000', true],
    [
      'SELECT * FROM (SELECT 1 AS a LIMIT 3) t',
      'SELECT * FROM (SELECT 1 AS a LIMIT 3) AS t LIMIT 1000',
      true,
    ],
  ])('%s', async (query, expected, limited) => {
    expect(await ask(query)).toEqual({ allowed: true, query: expected, limited });
  });

  test.each(['1 + 1', '1e3', '(SELECT 5)', 'length(origin)'])(
    'that is no plain number is refused: %s',
    async (limit) => {
      expect(await ask(`SELECT 1 FROM flights LIMIT ${limit}`)).toMatchObject({
        code: 'guard.construct_refused',
      });
    },
  );
});

describe('a table shared by several tenants', () => {
  test('is read through its tenant filter wherever it stands, under the name the query gave it', async () => {
    expect(await written('SELECT kind FROM ivory_shared.events')).toBe(
      "SELECT kind FROM (SELECT * FROM ivory_shared.events WHERE org = 'acme') AS events LIMIT 1000",
    );
    expect(
      await written(
        'WITH x AS (SELECT * FROM events) SELECT * FROM x JOIN EVENTS AS e ON e.kind IN (SELECT kind FROM ivory_shared.events)',
      ),
    ).toBe(
      "WITH `x` AS (SELECT * FROM (SELECT * FROM ivory_shared.events WHERE org = 'acme') AS events) SELECT * FROM `x` " +
        "JOIN (SELECT * FROM ivory_shared.events WHERE org = 'acme') AS e ON e.kind IN (SELECT kind FROM (SELECT * FROM ivory_shared.events WHERE org = 'acme') AS events) LIMIT 1000",
    );
  });

  test('is not opened by a filter of the query, nor by one that only looks right', async () => {
    const filter = "(SELECT * FROM ivory_shared.events WHERE org = 'acme')";
    expect(
      await written("SELECT * FROM (SELECT * FROM ivory_shared.events WHERE org = 'globex') e"),
    ).toContain(filter);
    expect(
      await written("SELECT * FROM (SELECT * FROM ivory_shared.events WHERE org = 'acme' OR 1 = 1) e"),
    ).toContain(filter);
    expect(
      await written("SELECT * FROM (SELECT * FROM ivory_shared.events e WHERE 'acme' = 'acme') e"),
    ).toContain(filter);
    expect(await written("SELECT * FROM ivory_shared.events WHERE org = 'globex'")).toContain(
      `${filter} AS events WHERE`,
    );
  });

  test('is filtered by the tenant as it is called, quotes included', async () => {
    expect(await written('SELECT 1 FROM events', 1_000, "o'x\\' OR '1'='1")).toBe(
      "SELECT 1 FROM (SELECT * FROM ivory_shared.events WHERE org = 'o\\'x\\\\\\' OR \\'1\\'=\\'1') AS events LIMIT 1000",
    );
  });

  test('is not sampled', async () => {
    expect(await written('SELECT * FROM events TABLESAMPLE (10 ROWS)')).toBe('guard.construct_refused');
  });
});

describe('names', () => {
  test('of tables are written in full, and no WITH of another place is taken for one', async () => {
    expect(await written('SELECT 1 FROM Flights')).toBe('SELECT 1 FROM ivory_tenant_acme.flights LIMIT 1000');
    expect(await written('WITH Flights AS (SELECT 1) SELECT * FROM fLIGHTS')).toBe(
      'WITH Flights AS (SELECT 1) SELECT * FROM Flights LIMIT 1000',
    );
    expect(await written('SELECT * FROM (WITH f AS (SELECT 1) SELECT * FROM f) a, f')).toBe(
      'guard.relation_refused',
    );
  });

  test('that are words of Spark are quoted, so that nobody reads them as words', async () => {
    expect(await written('SELECT `table`.`select` AS `from` FROM flights AS `table`')).toBe(
      'SELECT `table`.`select` AS `from` FROM ivory_tenant_acme.flights AS `table` LIMIT 1000',
    );
  });

  test('two tables of one bare name are told apart by their namespace only', async () => {
    const [first] = TABLES;
    if (!first) throw new Error('there are tables');
    const tables = [first, { ...first, name: 'ivory_other.strikes' }];
    const judge = (query: string) => guardSpark({ tenantId: TENANT, query, tables, maxRows: 10 });
    expect(await judge('SELECT 1 FROM strikes')).toMatchObject({ code: 'guard.relation_refused' });
    expect(await judge('SELECT 1 FROM ivory_other.strikes')).toMatchObject({ allowed: true });
  });

  test('of a table nobody may read are never repeated', async () => {
    const verdict = await ask('SELECT * FROM ivory_tenant_globex.deals');
    expect(JSON.stringify(verdict)).not.toMatch(/globex|deals/);
  });

  test('of columns are those of the catalog even where Spark has a word of its own', async () => {
    const [first] = TABLES;
    if (!first) throw new Error('there are tables');
    const user = { name: 'user', type: 'string', nullable: true, description: null, samples: [] };
    const tables = [{ ...first, columns: [user] }];
    expect(
      await guardSpark({ tenantId: TENANT, query: 'SELECT user FROM strikes', tables, maxRows: 5 }),
    ).toMatchObject({ allowed: true });
    expect(await ask('SELECT user FROM strikes')).toMatchObject({ allowed: false });
  });
});

describe('comments and hints', () => {
  test('are gone from what runs, and quotes around them stay what they were', async () => {
    const verdict = await written(
      'SELECT /*+ BROADCAST(f) */ \'/* a */\' AS x, -- b\n "-- c" AS y /* d */ FROM flights f',
    );
    expect(verdict).toBe(
      "SELECT '/* a */' AS `x`, '-- c' AS y FROM ivory_tenant_acme.flights AS f LIMIT 1000",
    );
  });
});
