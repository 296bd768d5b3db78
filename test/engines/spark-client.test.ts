import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  SparkClient,
  SparkClientOptions,
} from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { createSparkClient } from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { createLog } from '../../src/log.ts';
import { type SparkServer, sparkIsInstalled, startSparkServer } from '../harness/spark-server.ts';
import { until } from '../harness/until.ts';

const log = createLog({ level: 'silent', pretty: false, role: 'test' });
/** Hours of work for one core, in one job. */
const ENDLESS = 'select count(*) from range(1000000000000) where id % 7 = 3';

describe.skipIf(!sparkIsInstalled())('Spark client', () => {
  let server: SparkServer;
  let client: SparkClient;
  const clients: SparkClient[] = [];

  function connect(options: Partial<SparkClientOptions> = {}): SparkClient {
    const created = createSparkClient({ endpoint: parseSparkUrl(server.url), log, ...options });
    clients.push(created);
    return created;
  }

  beforeAll(async () => {
    server = await startSparkServer();
    client = connect();
    await client.execute('CREATE NAMESPACE IF NOT EXISTS ns');
  });

  afterAll(async () => {
    await Promise.all(clients.map((one) => one.close()));
    await server?.stop();
  });

  describe('values', () => {
    const row = async (list: string) => (await client.query(`SELECT ${list}`)).rows[0];

    test('integers are exact at both ends', async () => {
      expect(await row('9223372036854775807L, -9223372036854775807L - 1, 9007199254740993L')).toEqual([
        9_223_372_036_854_775_807n,
        -9_223_372_036_854_775_808n,
        9_007_199_254_740_993n,
      ]);
      expect(await row('2147483647, -32768S, -128Y, true, false')).toEqual([
        2_147_483_647,
        -32_768,
        -128,
        true,
        false,
      ]);
    });

    test('a decimal keeps all its digits and its scale', async () => {
      const long = '1234567890123456789012345678.0123456789';
      expect(
        await row(
          `CAST('${long}' AS DECIMAL(38,10)), CAST(1.1 AS DECIMAL(38,18)), CAST('1e-18' AS DECIMAL(38,18))`,
        ),
      ).toEqual([long, '1.100000000000000000', '0.000000000000000001']);
    });

    test('floats can be nan, infinite, minus zero', async () => {
      const values = await row(
        `CAST('NaN' AS DOUBLE), CAST('-Infinity' AS FLOAT), -0.0D, CAST(0.1 AS FLOAT), 0.1D`,
      );
      expect(values).toEqual([Number.NaN, Number.NEGATIVE_INFINITY, -0, 0.1, 0.1]);
    });

    test('texts and bytes come as they are', async () => {
      expect(await row(`'é😀\\n\\'"\\\\', '', X'00FF80', X''`)).toEqual([
        'é😀\n\'"\\',
        '',
        Buffer.of(0, 255, 128),
        Buffer.alloc(0),
      ]);
    });

    test('dates and times are texts, in UTC', async () => {
      const dates = `DATE'0001-01-01', DATE'9999-12-31', TIMESTAMP'2024-02-29 03:04:05.123456Z', TIMESTAMP'2024-02-29 03:04:05+02:00'`;
      expect(await row(`${dates}, TIMESTAMP_NTZ'2024-02-29 03:04:05.12'`)).toEqual([
        '0001-01-01',
        '9999-12-31',
        '2024-02-29 03:04:05.123456',
        '2024-02-29 01:04:05',
        '2024-02-29 03:04:05.12',
      ]);
      expect(await row(`INTERVAL '1-2' YEAR TO MONTH, INTERVAL '1 02:03:04' DAY TO SECOND`)).toEqual([
        '1-2',
        '1 02:03:04.000000000',
      ]);
    });

    test('nested values are exact as JSON, and in the notation of Spark otherwise', async () => {
      const nested = `NAMED_STRUCT('a', ARRAY(1, NULL), 'm', MAP('k"x', 9007199254740993L), 's', 'x"y')`;
      const [json, own, list] = (await row(`TO_JSON(${nested}), ${nested}, ARRAY(1, 2, NULL)`)) ?? [];
      expect(json).toBe('{"a":[1,null],"m":{"k\\"x":9007199254740993},"s":"x\\"y"}');
      expect(own).toBe('{"a":[1,null],"m":{"k"x":9007199254740993},"s":"x"y"}');
      expect(list).toBe('[1,2,null]');
    });

    test('every type can be null', async () => {
      const types = [
        'BIGINT',
        'INT',
        'DOUBLE',
        'STRING',
        'BINARY',
        'DECIMAL(9,2)',
        'DATE',
        'TIMESTAMP',
        'BOOLEAN',
      ];
      const nulls = await row(
        ['NULL', ...types.map((type) => `CAST(NULL AS ${type})`), 'CAST(NULL AS ARRAY<INT>)'].join(', '),
      );
      expect(nulls).toEqual(Array.from({ length: types.length + 2 }, () => null));
    });

    test('nulls are found among many rows', async () => {
      const { rows } = await client.query('SELECT IF(id % 3 = 0, NULL, id) FROM RANGE(0, 1000, 1, 1)');
      expect(rows.flat()).toEqual(Array.from({ length: 1000 }, (_, n) => (n % 3 === 0 ? null : BigInt(n))));
    });
  });

  describe('columns', () => {
    test('names keep dots and repetitions; types are named', async () => {
      const { columns } = await client.query(
        'SELECT 1L AS `a.b.c`, CAST(1 AS DECIMAL(20,4)) AS `a.b.c`, ARRAY(1) AS `Cost Total $`, NULL AS n',
      );
      expect(columns).toEqual([
        { name: 'a.b.c', type: 'bigint' },
        { name: 'a.b.c', type: 'decimal(20,4)' },
        { name: 'Cost Total $', type: 'array' },
        { name: 'n', type: 'void' },
      ]);
    });

    test('a result without rows has columns, and a statement without result no rows', async () => {
      expect(await client.query('SELECT 1 AS x WHERE false')).toEqual({
        columns: [{ name: 'x', type: 'int' }],
        rows: [],
        truncated: false,
      });
      expect(await client.query('CREATE NAMESPACE IF NOT EXISTS ns')).toMatchObject({ rows: [] });
    });
  });

  describe('many rows', () => {
    test('a stream brings all of them in bounded batches', async () => {
      const batches: number[] = [];
      let sum = 0n;
      for await (const { rows, columns } of client.stream(
        "SELECT id, REPEAT('x', 100) FROM RANGE(0, 100000, 1, 3)",
      )) {
        expect(columns).toHaveLength(2);
        batches.push(rows.length);
        for (const [id] of rows) sum += BigInt(String(id));
      }
      expect(batches.reduce((total, rows) => total + rows, 0)).toBe(100_000);
      expect(sum).toBe((100_000n * 99_999n) / 2n);
      expect(Math.max(...batches)).toBeLessThanOrEqual(10_000);
    });

    test('a stream that is left early gives its session back', async () => {
      const one = connect({ poolSize: 1 });
      for await (const { rows } of one.stream('SELECT id FROM RANGE(100000)')) {
        expect(rows.length).toBeGreaterThan(0);
        break;
      }
      expect((await one.query('SELECT 1')).rows).toEqual([[1]]);
    });

    test('a query says when there was more than it was to bring', async () => {
      const some = await client.query('SELECT id FROM RANGE(0, 500, 1, 1)', { maxRows: 3 });
      expect(some).toMatchObject({ rows: [[0n], [1n], [2n]], truncated: true });
      expect(await client.query('SELECT id FROM RANGE(3)', { maxRows: 3 })).toMatchObject({
        truncated: false,
      });
    });
  });

  describe('a statement that fails', () => {
    test('says why in a line, with error class and SQLSTATE', async () => {
      const failure = await client.query('SELECT * FROM nope.missing').catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: 'lakehouse.sql_failed',
        errorClass: 'TABLE_OR_VIEW_NOT_FOUND',
        sqlState: '42P01',
        exceptions: expect.arrayContaining([expect.stringContaining('AnalysisException')]),
      });
      expect(String(failure)).not.toMatch(/\n|\bat org\.|Project/);
    });

    test('is known by its Java exception where Spark has no class for it', async () => {
      await client.execute('CREATE TABLE IF NOT EXISTS ns.wap (id BIGINT) USING iceberg');
      await expect(
        client.execute("CALL lake.system.publish_changes('ns.wap', 'never')"),
      ).rejects.toMatchObject({
        code: 'lakehouse.sql_failed',
        errorClass: null,
        exceptions: ['ValidationException'],
      });
    });

    test('leaves its session usable', async () => {
      const one = connect({ poolSize: 1 });
      await one.withSession(async (session) => {
        await session.set('spark.ivory.mark', 'same');
        await expect(session.execute('SELEC 1')).rejects.toMatchObject({ errorClass: 'PARSE_SYNTAX_ERROR' });
        expect((await session.query('SET spark.ivory.mark')).rows).toEqual([['spark.ivory.mark', 'same']]);
      });
    });
  });

  describe('a statement that is ended', () => {
    test('by its signal stops working on the server', async () => {
      const stop = new AbortController();
      const ended = client.query(ENDLESS, { signal: stop.signal }).catch((error: unknown) => error);
      await until('its job is at work', async () => (await server.jobs('running')) > 0, 120_000);
      stop.abort(new Error('not wanted'));
      expect(await ended).toMatchObject({ code: 'lakehouse.cancelled', mayHaveRun: true });
      await until('its job is gone', async () => (await server.jobs('running')) === 0, 120_000);
    });

    test('by its timeout stops working on the server', async () => {
      const before = await server.jobs('failed');
      // on a slow machine the job does not begin in a second
      for (
        let timeoutMs = 1_000;
        timeoutMs < 100_000 && (await server.jobs('failed')) === before;
        timeoutMs *= 4
      ) {
        await expect(client.query(ENDLESS, { timeoutMs })).rejects.toMatchObject({
          code: 'lakehouse.timeout',
          retry: 'transient',
          mayHaveRun: true,
        });
        await until('no job is left', async () => (await server.jobs('running')) === 0, 120_000);
      }
      expect(await server.jobs('failed')).toBeGreaterThan(before);
    });

    test('by a signal that was aborted before is never sent', async () => {
      const signal = AbortSignal.abort();
      await expect(client.execute('DROP TABLE ns.wap', { signal })).rejects.toMatchObject({
        mayHaveRun: false,
      });
      expect((await client.query('SELECT COUNT(*) FROM ns.wap')).rows).toEqual([[0n]]);
    });

    test('by closing the client, which ends what is at work', async () => {
      const closed = connect({ poolSize: 1 });
      const ended = closed.query(ENDLESS).catch((error: unknown) => error);
      await until('its job is at work', async () => (await server.jobs('running')) > 0, 120_000);
      await closed.close();
      expect(await ended).toMatchObject({ code: 'lakehouse.cancelled', mayHaveRun: true });
      await until('its job is gone', async () => (await server.jobs('running')) === 0, 120_000);
      await expect(closed.query('SELECT 1')).rejects.toMatchObject({ mayHaveRun: false });
    });
  });

  describe('sessions', () => {
    const mark = async (one: SparkClient) => (await one.query('SET spark.ivory.mark')).rows[0]?.[1];

    test('start in the catalog of the url', async () => {
      expect((await client.query('SELECT CURRENT_CATALOG()')).rows).toEqual([['lake']]);
    });

    test('go back without the settings that were made in them', async () => {
      const one = connect({ poolSize: 1 });
      await one.withSession(async (session) => {
        await session.set('spark.ivory.mark', 'mine');
        await session.set('spark.sql.session.timeZone', 'Asia/Tokyo');
      });
      expect(await mark(one)).toBe('<undefined>');
      expect((await one.query('SELECT CURRENT_TIMEZONE()')).rows).toEqual([['UTC']]);
    });

    test('are thrown away when the work in them failed halfway', async () => {
      const one = connect({ poolSize: 1 });
      const halfway = one.withSession(async (session) => {
        await session.execute('CREATE TEMPORARY VIEW left_behind AS SELECT 1');
        throw new Error('halfway');
      });
      await expect(halfway).rejects.toThrow('halfway');
      await expect(one.query('SELECT * FROM left_behind')).rejects.toMatchObject({
        errorClass: 'TABLE_OR_VIEW_NOT_FOUND',
      });
    });

    test('are as many as the pool has, and who waits too long has done nothing', async () => {
      const one = connect({ poolSize: 1 });
      await one.withSession(async () => {
        await expect(one.execute('SELECT 1', { timeoutMs: 50 })).rejects.toMatchObject({
          code: 'lakehouse.timeout',
          mayHaveRun: false,
        });
      });
      expect(
        (await Promise.all([1, 2, 3].map((n) => one.query(`SELECT ${n}`)))).map(({ rows }) => rows),
      ).toEqual([[[1]], [[2]], [[3]]]);
    });
  });

  test('the server is told who asks', async () => {
    const endpoint = parseSparkUrl(server.url.replace('://', '://ann:p%40ss@'));
    expect((await connect({ endpoint }).query('SELECT CURRENT_USER()')).rows).toEqual([['ann']]);
  });

  test('a catalog that is not there is said to be missing', async () => {
    const endpoint = parseSparkUrl(server.url.replace('catalog=lake', 'catalog=pond'));
    await expect(connect({ endpoint }).query('SELECT 1')).rejects.toMatchObject({
      code: 'lakehouse.sql_failed',
    });
  });
});
