import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createQuestdbStore } from '../../src/adapters/questdb/questdb.ts';
import { declared, readCatalogFile } from '../../src/foundry/catalog-file.ts';
import type { QueryStore, StoreLimits, TenantScope } from '../../src/ports/query-store.ts';
import { type QuestdbServer, questdbIsInstalled, startQuestdb } from '../harness/questdb-server.ts';
import { until } from '../harness/until.ts';

const ACME: TenantScope = { tenantId: 'acme', namespaces: ['ivory_tenant_acme'] };
/** Its namespace begins with the other's. */
const RIVAL: TenantScope = { tenantId: 'acme_b', namespaces: ['ivory_tenant_acme_b'] };
const LIMITS: StoreLimits = { maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 60_000 };
const NEVER = new AbortController().signal;
const LONG = `SELECT count() FROM (SELECT a.x FROM long_sequence(1000000000000) a CROSS JOIN long_sequence(1000) b WHERE a.x + b.x = -5)`;

const CATALOG = readCatalogFile(
  JSON.stringify({
    questdb: {
      tables: [
        { name: 'ticks', tenant_column: 'tenant', description: 'Ticks of all', columns: { px: 'Price' } },
        { name: 'calendar', tenants: ['*'] },
      ],
    },
  }),
  'catalog.json',
);

const SETUP = [
  `CREATE TABLE 'ivory_tenant_acme.trades' (ts TIMESTAMP, sym SYMBOL, price DOUBLE, qty LONG) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
  `INSERT INTO 'ivory_tenant_acme.trades' SELECT timestamp_sequence('2024-01-01', 60000000L), CASE WHEN x % 2 = 0 THEN 'AAPL' ELSE 'MSFT' END, x * 0.5, x FROM long_sequence(5000)`,
  `CREATE TABLE 'ivory_tenant_acme.orders' (ts TIMESTAMP, id LONG, note VARCHAR) TIMESTAMP(ts) PARTITION BY DAY WAL DEDUP UPSERT KEYS(ts, id)`,
  `CREATE TABLE 'ivory_tenant_acme_b.trades' (ts TIMESTAMP, sym SYMBOL, price DOUBLE, qty LONG) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
  `INSERT INTO 'ivory_tenant_acme_b.trades' VALUES ('2025-05-05', 'SECRET', 42, 7)`,
  `CREATE TABLE ticks (ts TIMESTAMP, tenant SYMBOL, px DOUBLE, note VARCHAR) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
  `INSERT INTO ticks VALUES ('2024-01-01', 'acme', 1, 'a'), ('2024-01-02', 'acme_b', 2, 'b'), ('2024-01-03', 'acme', 3, 'c')`,
  `CREATE TABLE calendar (day TIMESTAMP, holiday VARCHAR)`,
  `CREATE TABLE hidden (a LONG, ts TIMESTAMP) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
  `INSERT INTO hidden VALUES (1, '2024-01-01T00:05:00')`,
];

describe.skipIf(!questdbIsInstalled())('QuestDB as a store', () => {
  let server: QuestdbServer;
  let store: QueryStore;

  const storeAt = (url: string) => createQuestdbStore({ url, declared: declared(CATALOG, 'questdb') });
  const ask = (query: string, { tenant = ACME, limits = LIMITS, signal = NEVER } = {}) =>
    store.query(tenant, query, limits, signal);
  const rowsOf = async (query: string) => (await ask(query)).rows;
  const refusalOf = async (query: string, tenant = ACME) => {
    const answer = await ask(query, { tenant }).then(
      ({ rows }) => `answered ${rows.length} rows`,
      (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
    );
    return answer;
  };
  const isIdle = () =>
    until('the server has nothing to do', async () => (await server.activity()).length === 0, 120_000);

  beforeAll(async () => {
    server = await startQuestdb();
    for (const statement of SETUP) await server.admin(statement);
    store = storeAt(server.url);
  });

  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  describe('what it says it holds', () => {
    test('the tenant’s tables with columns, keys, counts, symbols, and the operator’s words', async () => {
      const tables = await store.describe(ACME, NEVER);
      const byName = new Map(tables.map((table) => [table.name, table]));
      expect([...byName.keys()].sort()).toEqual([
        'calendar',
        'ivory_tenant_acme.orders',
        'ivory_tenant_acme.trades',
        'ticks',
      ]);
      expect(byName.get('ivory_tenant_acme.trades')).toEqual({
        name: 'ivory_tenant_acme.trades',
        kind: 'table',
        description: null,
        rowCount: 5000,
        columns: [
          { name: 'ts', type: 'TIMESTAMP', nullable: false, description: null, samples: [] },
          { name: 'sym', type: 'SYMBOL', nullable: true, description: null, samples: ['AAPL', 'MSFT'] },
          { name: 'price', type: 'DOUBLE', nullable: true, description: null, samples: [] },
          { name: 'qty', type: 'LONG', nullable: true, description: null, samples: [] },
        ],
        keys: [],
        references: [],
        tenantColumn: null,
        timeColumn: 'ts',
      });
      expect(byName.get('ivory_tenant_acme.orders')?.keys).toEqual([['ts', 'id']]);
      expect(byName.get('ticks')).toMatchObject({
        description: 'Ticks of all',
        rowCount: null,
        tenantColumn: 'tenant',
        columns: [
          { name: 'ts' },
          { name: 'tenant', samples: ['acme'] },
          { name: 'px', description: 'Price' },
          { name: 'note' },
        ],
      });
    });

    test('a namespace that begins like another’s shows nothing of that one', async () => {
      const names = (await store.describe(RIVAL, NEVER)).map(({ name }) => name);
      expect(names.sort()).toEqual(['calendar', 'ivory_tenant_acme_b.trades', 'ticks']);
    });
  });

  describe('values', () => {
    test('come as they are', async () => {
      const answer =
        await ask(`SELECT 9223372036854775807 l, cast(null AS LONG) ln, cast(5 AS SHORT) sh, -7 i, true b,
        cast('2024-01-02T03:04:05.123456Z' AS TIMESTAMP) ts, cast('2024-01-02' AS DATE) d, 0.1 + 0.2 dbl, 1.0 / 0.0 inf,
        cast('NaN' AS DOUBLE) none, cast(0.1 AS FLOAT) f, cast('x' AS CHAR) c, 'é€😀' s, cast('s' AS SYMBOL) symbol,
        cast('11111111-2222-3333-4444-555555555555' AS UUID) u, cast('1.2.3.4' AS IPv4) ip, cast('u33d8b' AS GEOHASH(6c)) g, ARRAY[[1.5, 2.0], [3.0, null]] a FROM long_sequence(1)`);
      expect(answer.rows).toEqual([
        [
          9223372036854775807n,
          null,
          5n,
          -7n,
          true,
          '2024-01-02T03:04:05.123456Z',
          '2024-01-02T00:00:00.000Z',
          0.1 + 0.2,
          null,
          null,
          0.1,
          'x',
          'é€😀',
          's',
          '11111111-2222-3333-4444-555555555555',
          '1.2.3.4',
          'u33d8b',
          [
            [1.5, 2],
            [3, null],
          ],
        ],
      ]);
      expect(answer.columns.map(({ type }) => type).join(' ')).toBe(
        'LONG LONG SHORT INT BOOLEAN TIMESTAMP TIMESTAMP DOUBLE DOUBLE DOUBLE FLOAT CHAR VARCHAR VARCHAR UUID VARCHAR VARCHAR DOUBLE[]',
      );
    });

    test('binary is its bytes', async () => {
      const [[bytes] = []] = await rowsOf('SELECT rnd_bin(300, 300, 0) b FROM long_sequence(1)');
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect(bytes).toHaveLength(300);
    });

    test('an answer without rows has its columns', async () => {
      const answer = await ask(`SELECT sym, qty FROM "ivory_tenant_acme.trades" WHERE qty < 0`);
      expect(answer).toEqual({
        columns: [
          { name: 'sym', type: 'VARCHAR' },
          { name: 'qty', type: 'LONG' },
        ],
        rows: [],
        truncated: false,
      });
    });

    test('columns of one name stay apart', async () => {
      const { columns, rows } = await ask(
        'SELECT a.qty, b.qty FROM ivory_tenant_acme.trades a JOIN ivory_tenant_acme.trades b ON a.qty = b.qty LIMIT 1',
      );
      expect([columns.length, rows[0]]).toEqual([2, [1n, 1n]]);
    });
  });

  describe('limits', () => {
    const trades = 'SELECT qty FROM ivory_tenant_acme.trades';

    test('no more rows than asked for, and it is said', async () => {
      const cut = await ask(trades, { limits: { ...LIMITS, maxRows: 10 } });
      expect([cut.rows.length, cut.truncated]).toEqual([10, true]);
      const whole = await ask(`${trades} LIMIT 10`, { limits: { ...LIMITS, maxRows: 10 } });
      expect([whole.rows.length, whole.truncated]).toEqual([10, false]);
    });

    test('no more bytes than asked for, and the server stops', async () => {
      const answer = await ask('SELECT x FROM long_sequence(1000000000)', {
        limits: { ...LIMITS, maxRows: 1_000_000, maxBytes: 5_000 },
      });
      expect(answer.truncated).toBe(true);
      expect(answer.rows.length).toBeGreaterThan(100);
      expect(answer.rows.length).toBeLessThan(1_000);
      await isIdle();
    });

    test('a query over its time is gone from the server', async () => {
      const asking = ask(LONG, { limits: { ...LIMITS, timeoutMs: 2_500 } });
      const outcome = asking.catch((error: unknown) => error);
      await until('it is at work', async () => (await server.activity()).some((text) => text === LONG));
      expect(await outcome).toMatchObject({ code: 'foundry.timeout' });
      await isIdle();
    });

    test('a query nobody waits for is gone from the server', async () => {
      const client = new AbortController();
      const outcome = ask(LONG, { signal: client.signal }).catch((error: unknown) => error);
      await until('it is at work', async () => (await server.activity()).some((text) => text === LONG));
      client.abort(new Error('the client left'));
      expect(await outcome).toMatchObject({ message: 'the client left' });
      await isIdle();
    });

    test('a sort and a join that take long are ended too', async () => {
      const sorting = `SELECT x FROM (SELECT a.x FROM long_sequence(1000000000000) a CROSS JOIN long_sequence(1000) b WHERE a.x * b.x < 0 ORDER BY x)`;
      const outcome = ask(sorting, { limits: { ...LIMITS, timeoutMs: 1_500 } }).catch(
        (error: unknown) => error,
      );
      expect(await outcome).toMatchObject({ code: 'foundry.timeout' });
      await isIdle();
    });
  });

  describe('with no guard in front', () => {
    test.each([
      ['by its name', `SELECT * FROM "ivory_tenant_acme_b.trades"`],
      ['without quotes', 'SELECT * FROM ivory_tenant_acme_b.trades'],
      ['in single quotes', `SELECT * FROM 'ivory_tenant_acme_b.trades'`],
      ['in backticks', 'SELECT * FROM `ivory_tenant_acme_b.trades`'],
      ['in capitals', 'SELECT * FROM IVORY_TENANT_ACME_B.TRADES'],
      ['with letters that fold', 'SELECT * FROM "\u0131vory_tenant_acme_b.trades"'],
      ['through a schema', 'SELECT * FROM public."ivory_tenant_acme_b.trades"'],
      ['in a join', 'SELECT b.* FROM ivory_tenant_acme.trades a CROSS JOIN (ivory_tenant_acme_b.trades) b'],
      ['as of', 'SELECT b.sym FROM ivory_tenant_acme.trades a ASOF JOIN ivory_tenant_acme_b.trades b'],
      ['in a CTE', 'WITH x AS (SELECT * FROM ivory_tenant_acme_b.trades) SELECT * FROM x'],
      [
        'in a union',
        'SELECT sym FROM ivory_tenant_acme.trades UNION SELECT sym FROM ivory_tenant_acme_b.trades',
      ],
      [
        'in a list',
        'SELECT * FROM ivory_tenant_acme.trades WHERE sym IN (SELECT sym FROM ivory_tenant_acme_b.trades)',
      ],
      [
        'compared with',
        'SELECT * FROM ivory_tenant_acme.trades WHERE ts > (SELECT max(ts) FROM ivory_tenant_acme_b.trades)',
      ],
      [
        'declared',
        'DECLARE @t := (SELECT max(ts) FROM ivory_tenant_acme_b.trades) SELECT * FROM ivory_tenant_acme.trades WHERE ts = @t',
      ],
      ['its columns', `SELECT * FROM table_columns('ivory_tenant_acme_b.trades')`],
      ['its partitions', `SELECT * FROM table_partitions('ivory_tenant_acme_b.trades')`],
      ['a table that is nobody’s', 'SELECT * FROM hidden'],
      [
        'that one, compared with',
        'SELECT * FROM ivory_tenant_acme.trades WHERE ts = (SELECT max(ts) FROM hidden)',
      ],
    ])('another tenant’s table is not to be had: %s', async (_, query) => {
      const refusal = await refusalOf(query);
      expect(refusal).toMatch(/^foundry\.query_failed: /);
      expect(refusal).not.toMatch(/acme_b|hidden/i);
    });

    test.each([
      'SELECT * FROM tables()',
      'SELECT * FROM all_tables()',
      'SELECT * FROM query_activity()',
      'SELECT * FROM reader_pool()',
      'SELECT * FROM writer_pool()',
      'SELECT * FROM wal_tables()',
      'SELECT * FROM table_storage()',
      'SELECT * FROM materialized_views()',
      'SELECT * FROM functions()',
      'SELECT * FROM keywords()',
      'SELECT * FROM pg_catalog.pg_class',
      'SELECT * FROM pg_class',
      'SELECT * FROM information_schema.tables()',
      'SELECT * FROM information_schema.columns()',
      'SELECT * FROM (SHOW PARAMETERS)',
      'SELECT * FROM (SHOW TABLES)',
      'SHOW TABLES',
      'SHOW PARAMETERS',
      `SELECT * FROM read_parquet('x.parquet')`,
      `SELECT * FROM parquet_scan('/etc/passwd')`,
      'SELECT * FROM sys.text_import_log',
      'SELECT * FROM _query_trace',
      'SELECT flush_query_cache()',
      `SELECT hydrate_table_metadata('*')`,
      `SELECT simulate_crash('0')`,
      'SELECT dump_memory_usage()',
      `EXPLAIN SELECT * FROM query_activity()`,
      'SELECT 1; SELECT * FROM query_activity()',
      `SELECT 'a\\' ; SELECT * FROM tables() --'`,
      'SELECT 1 /* /* */ ; SELECT 2 */',
      `SELECT ticker FROM (tables())`,
    ])('the server tells nothing of itself: %s', async (query) => {
      expect(await refusalOf(query)).toMatch(/^foundry\.query_failed: /);
    });

    test.each([
      `INSERT INTO "ivory_tenant_acme.trades" VALUES ('2024-01-01', 'X', 1, 1)`,
      `UPDATE "ivory_tenant_acme.trades" SET price = 0`,
      `DELETE FROM "ivory_tenant_acme.trades"`,
      'TRUNCATE TABLE "ivory_tenant_acme.trades"',
      'DROP TABLE "ivory_tenant_acme.trades"',
      'DROP ALL TABLES',
      'ALTER TABLE "ivory_tenant_acme.trades" ADD COLUMN z INT',
      'ALTER TABLE "ivory_tenant_acme.trades" DROP PARTITION LIST \'2024-01-01\'',
      'CREATE TABLE mine (a INT)',
      'CREATE TABLE mine AS (SELECT * FROM "ivory_tenant_acme.trades")',
      'CREATE MATERIALIZED VIEW mine AS (SELECT ts, max(price) p FROM "ivory_tenant_acme.trades" SAMPLE BY 1h)',
      'RENAME TABLE "ivory_tenant_acme.trades" TO other',
      `COPY "ivory_tenant_acme.trades" FROM 'f.csv'`,
      `COPY mine FROM 'f.csv' WITH HEADER true`,
      'VACUUM TABLE "ivory_tenant_acme.trades"',
      'REINDEX TABLE "ivory_tenant_acme.trades" LOCK EXCLUSIVE',
      'BACKUP TABLE "ivory_tenant_acme.trades"',
      'CHECKPOINT CREATE',
      'SNAPSHOT PREPARE',
      'CANCEL QUERY 1',
      'SET x = 1',
      'WITH x AS (SELECT 1) INSERT INTO "ivory_tenant_acme.trades" SELECT * FROM x',
      'SELECT 1; DROP TABLE "ivory_tenant_acme.trades"',
    ])('nothing is written: %s', async (statement) => {
      const state = () =>
        server.admin(`SELECT count(), sum(price), min(sym) FROM "ivory_tenant_acme.trades"`);
      const before = await state();
      expect(await refusalOf(statement)).toMatch(/^foundry\.query_failed: /);
      expect(await state()).toEqual(before);
    });

    test('a table of several tenants is read with the filter on one', async () => {
      const own = `(SELECT * FROM ticks WHERE tenant = 'acme')`;
      expect(await rowsOf(`SELECT px FROM ${own} ORDER BY ts`)).toEqual([[1], [3]]);
      expect(await rowsOf(`SELECT sum(px) FROM ${own} WHERE px > 1 AND (note = 'c' OR note = 'd')`)).toEqual([
        [3],
      ]);
      expect(await rowsOf(`SELECT count() FROM ${own}`)).toEqual([[2n]]);
      expect(
        await rowsOf(`SELECT px FROM ticks WHERE tenant = 'acme' AND note ~ '^(a|c)$' ORDER BY px`),
      ).toEqual([[1], [3]]);
      expect(await rowsOf(`SELECT max(px) FROM ${own} WHERE ts > (SELECT min(ts) FROM ${own})`)).toEqual([
        [3],
      ]);
      expect(await rowsOf(`SELECT a.px, b.px FROM ${own} a ASOF JOIN ${own} b ON tenant ORDER BY 1`)).toEqual(
        [
          [1, 1],
          [3, 3],
        ],
      );
    });

    test.each([
      ['not at all', 'SELECT * FROM ticks'],
      ['by another’s', `SELECT * FROM ticks WHERE tenant = 'acme_b'`],
      ['by either', `SELECT * FROM ticks WHERE tenant = 'acme' OR px > 0`],
      ['by a list', `SELECT * FROM ticks WHERE tenant IN ('acme', 'acme_b')`],
      ['by what it is not', `SELECT * FROM ticks WHERE NOT (tenant = 'acme')`],
      ['by an alias', `SELECT * FROM (SELECT 'acme' tenant, px FROM ticks) WHERE tenant = 'acme'`],
      ['in a literal', `SELECT * FROM ticks WHERE note != ' and tenant=''acme'' and '`],
      [
        'in brackets of a literal',
        `SELECT * FROM ticks WHERE (note != ')' AND px > 0) OR (tenant = 'acme' AND note != '(')`,
      ],
      [
        'on one side of a join',
        `SELECT b.px FROM (SELECT * FROM ticks WHERE tenant = 'acme') a CROSS JOIN ticks b`,
      ],
      [
        'outside of a group',
        `SELECT * FROM (SELECT max(px) m, last(tenant) tenant FROM ticks) WHERE tenant = 'acme'`,
      ],
      [
        'not where it is compared with',
        `SELECT * FROM ticks WHERE tenant = 'acme' AND ts < (SELECT max(ts) FROM ticks)`,
      ],
    ])('a table of several tenants is refused when it is filtered %s', async (_, query) => {
      expect(await refusalOf(query)).toMatch(/^foundry\.query_failed: /);
    });

    test.each([
      'SELECT sym, avg(price) FROM ivory_tenant_acme.trades SAMPLE BY 1h',
      'SELECT ts, sum(qty) FROM ivory_tenant_acme.trades SAMPLE BY 1h FILL(LINEAR)',
      'SELECT ts, sum(qty) FROM ivory_tenant_acme.trades SAMPLE BY 1h FILL(NULL) ALIGN TO CALENDAR',
      'SELECT * FROM ivory_tenant_acme.trades LATEST ON ts PARTITION BY sym',
      `SELECT * FROM ivory_tenant_acme.trades WHERE sym IN ('AAPL', 'MSFT') LATEST ON ts PARTITION BY sym`,
      'SELECT a.ts, b.price FROM ivory_tenant_acme.trades a ASOF JOIN ivory_tenant_acme.trades b ON (sym)',
      'SELECT a.ts, b.price FROM ivory_tenant_acme.trades a LT JOIN ivory_tenant_acme.trades b ON (sym)',
      'SELECT a.ts, b.price FROM ivory_tenant_acme.trades a SPLICE JOIN ivory_tenant_acme.trades b ON (sym)',
      'SELECT count() FROM ivory_tenant_acme.trades a LEFT JOIN ivory_tenant_acme.orders b ON a.qty = b.id',
      'SELECT count() FROM ivory_tenant_acme.trades a FULL JOIN ivory_tenant_acme.orders b ON a.qty = b.id',
      'SELECT sym, row_number() OVER (PARTITION BY sym ORDER BY ts) FROM ivory_tenant_acme.trades',
      'SELECT sum(price) OVER () FROM ivory_tenant_acme.trades',
      'SELECT DISTINCT sym FROM ivory_tenant_acme.trades ORDER BY sym',
      'SELECT price FROM ivory_tenant_acme.trades ORDER BY price DESC LIMIT 5',
      'SELECT * FROM ivory_tenant_acme.trades LIMIT -5',
      `WITH m AS (SELECT * FROM ivory_tenant_acme.trades) SELECT * FROM m WHERE ts = (SELECT max(ts) FROM m)`,
      `SELECT * FROM ivory_tenant_acme.trades WHERE sym IN (SELECT sym FROM ivory_tenant_acme.trades WHERE qty > 4000)`,
      `SELECT sym FROM ivory_tenant_acme.trades UNION ALL SELECT note FROM ivory_tenant_acme.orders`,
      `SELECT sym FROM ivory_tenant_acme.trades EXCEPT SELECT sym FROM ivory_tenant_acme.trades WHERE qty > 1`,
      `DECLARE @n := 4990 SELECT qty FROM ivory_tenant_acme.trades WHERE qty > @n;`,
      `SELECT count() FROM calendar`,
      `SELECT sym, count_distinct(qty) FROM ivory_tenant_acme.trades WHERE ts IN '2024-01-02' GROUP BY sym`,
      `SELECT 'a; b -- c' FROM ivory_tenant_acme.trades LIMIT 1`,
      'SELECT * FROM generate_series(1, 3)',
    ])('a question about one’s own is answered: %s', async (query) => {
      expect(await refusalOf(query)).toMatch(/^answered/);
    });

    test('two tenants who ask at once for each other’s get their own only', async () => {
      const asked = Array.from({ length: 20 }, (_, n) => {
        const [tenant, other] = n % 2 === 0 ? [ACME, RIVAL] : [RIVAL, ACME];
        const own = `SELECT min(sym) FROM "${tenant.namespaces[0]}.trades"`;
        const foreign = `SELECT min(sym) FROM "${other.namespaces[0]}.trades"`;
        return Promise.all([ask(own, { tenant }), refusalOf(foreign, tenant)]);
      });
      const answers = await Promise.all(asked);
      answers.forEach(([{ rows }, refusal], n) => {
        expect(rows).toEqual([[n % 2 === 0 ? 'AAPL' : 'SECRET']]);
        expect(refusal).toMatch(/^foundry\.query_failed/);
      });
    });
  });

  describe('what goes wrong', () => {
    test('is told in the engine’s words, without its paths', async () => {
      expect(await refusalOf('SELECT nosuch FROM ivory_tenant_acme.trades')).toBe(
        'foundry.query_failed: Invalid column: nosuch',
      );
      const parquet = await refusalOf(`SELECT * FROM read_parquet('nosuch.parquet')`);
      expect(parquet).toMatch(/^foundry\.query_failed: /);
      expect(parquet).not.toMatch(/\/tmp|ivory-questdb/);
    });

    test('the administrator’s login is refused', async () => {
      const admin = storeAt(server.adminUrl);
      await expect(admin.query(ACME, 'SELECT 1', LIMITS, NEVER)).rejects.toMatchObject({
        code: 'foundry.store_unavailable',
        message: expect.stringContaining('may write'),
      });
    });

    test('a wrong password and a server that is not there are a store that is not available', async () => {
      const elsewhere = [server.url.replace(':ro@', ':wrong@'), 'postgres://reader:ro@127.0.0.1:1/qdb'];
      for (const url of elsewhere) {
        const code = { code: 'foundry.store_unavailable' };
        await expect(storeAt(url).ping(NEVER)).rejects.toMatchObject(code);
        await expect(storeAt(url).query(ACME, 'SELECT 1', LIMITS, NEVER)).rejects.toMatchObject(code);
        await expect(storeAt(url).describe(ACME, NEVER)).rejects.toMatchObject(code);
      }
    });

    test('a server that went is a store that is not available, and one that came back is asked again', async () => {
      await server.stop();
      const asking = store.query(ACME, 'SELECT 1', LIMITS, NEVER);
      await expect(asking).rejects.toMatchObject({ code: 'foundry.store_unavailable' });
      server = await startQuestdb({ port: server.port });
      expect((await ask('SELECT 1')).rows).toEqual([[1n]]);
    });

    test('a ping that may not wait does not', async () => {
      await expect(store.ping(AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
      await expect(store.ping(AbortSignal.timeout(30_000))).resolves.toBeUndefined();
    });
  });
});
