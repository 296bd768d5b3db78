import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLakehouseStore } from '../../src/adapters/foundry/lakehouse-store.ts';
import type { Lakehouse } from '../../src/ports/lakehouse.ts';
import type { QueryStore, StoreLimits } from '../../src/ports/query-store.ts';
import { type SparkInstallation, startSparkInstallation } from '../harness/spark-lakehouse.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { until } from '../harness/until.ts';

const ACME = { tenantId: 'acme', namespaces: ['ivory_tenant_acme', 'acme_market'] };
const RIVAL = { tenantId: 'rival', namespaces: ['ivory_tenant_rival'] };
const LIMITS: StoreLimits = { maxRows: 100, maxBytes: 1_000_000, timeoutMs: 120_000 };
const TIMEOUT_MS = 300_000;
const SLOW = 'select count(*) from range(100000000) a cross join range(100000000) b where a.id + b.id <> 7';
const never = () => new AbortController().signal;

describe.skipIf(!sparkIsInstalled())('Foundry on a real Spark', { timeout: TIMEOUT_MS }, () => {
  let spark: SparkInstallation;
  let lakehouse: Lakehouse;
  let store: QueryStore;
  beforeAll(async () => {
    spark = await startSparkInstallation();
    lakehouse = spark.lakehouse('parquet');
    store = createLakehouseStore(lakehouse);
    await lakehouse.provision('acme', 'ivory_tenant_acme');
    await lakehouse.provision('acme', 'acme_market');
    await lakehouse.provision('rival', 'ivory_tenant_rival');
    const client = spark.client();
    for (const statement of SETUP) await client.execute(statement);
    await client.close();
  }, TIMEOUT_MS);
  afterAll(() => spark?.close());

  const ask = (query: string, limits: Partial<StoreLimits> = {}, tenant = ACME) =>
    store.query(tenant, query, { ...LIMITS, ...limits }, never());

  test('the catalog tells the tables of all namespaces with comments, counts and few values', async () => {
    // a slow machine looks at values again the next time
    const tables = await until(
      'values were looked at',
      async () => {
        const found = await store.describe(ACME, never());
        return found.every(({ columns }) => columns.some(({ samples }) => samples.length > 0)) && found;
      },
      120_000,
    );
    expect(tables.map(({ name }) => name)).toEqual(['ivory_tenant_acme.deals', 'acme_market.prices']);
    expect(tables[0]).toMatchObject({
      description: 'Every deal',
      rowCount: 500,
      columns: [
        { name: 'id', type: 'bigint', samples: [] },
        { name: 'stage', type: 'string', description: 'Where it stands', samples: ['lost', 'won'] },
        { name: 'amount', type: 'decimal(18,2)', samples: [] },
        { name: 'who', type: 'string', samples: [] },
      ],
    });
    expect(await store.describe({ ...ACME, namespaces: ['ivory_tenant_rival'] }, never())).toEqual([]);
  });

  test('a query joins the namespaces of a tenant, and sees one that was disabled no more', async () => {
    const join = 'select count(*) from ivory_tenant_acme.deals d, lake.acme_market.prices p';
    expect((await ask(join)).rows).toEqual([[1_000n]]);
    const fewer = { ...ACME, namespaces: ['ivory_tenant_acme'] };
    await expect(ask(join, {}, fewer)).rejects.toMatchObject({ code: 'foundry.query_failed' });
  });

  test('every value is exact', async () => {
    const { columns, rows } =
      await ask(`select 9007199254740993 as big, 1.10 as dec, double('nan') as nan, date '2024-02-29' as d,
      timestamp_ntz '2024-05-01 10:00:00.5' as t, timestamp '2024-05-01 10:00:00+02:00' as tz, x'DEADBEEF' as b, true as yes, null as nothing,
      array(9007199254740993, null) as list, named_struct('b', 1.50, 'a', double(2), 'when', date '2024-02-29') as s, map('k', float(0.5)) as m, 'x' as big`);
    expect(columns.map(({ name }) => name)).toEqual(
      'big dec nan d t tz b yes nothing list s m big'.split(' '),
    );
    expect(columns.slice(0, 3).map(({ type }) => type)).toEqual(['bigint', 'decimal(3,2)', 'double']);
    expect(rows).toEqual([
      [
        9007199254740993n,
        { decimal: '1.10' },
        Number.NaN,
        '2024-02-29',
        '2024-05-01T10:00:00.5',
        '2024-05-01T08:00:00Z',
        Buffer.from('deadbeef', 'hex'),
        true,
        null,
        [9007199254740993n, null],
        new Map<string, unknown>([
          ['b', { decimal: '1.50' }],
          ['a', 2],
          ['when', '2024-02-29'],
        ]),
        new Map([['k', 0.5]]),
        'x',
      ],
    ]);
  });

  test('an answer is cut at its rows and its bytes, and says so', async () => {
    const all = 'select id from ivory_tenant_acme.deals order by id';
    expect(await ask(all, { maxRows: 500 })).toMatchObject({ truncated: false });
    expect(await ask(all, { maxRows: 2 })).toMatchObject({ rows: [[1n], [2n]], truncated: true });
    const wide = await ask("select repeat('x', 1000) from range(100000)", {
      maxBytes: 10_500,
      maxRows: 100_000,
    });
    expect([wide.rows.length, wide.truncated]).toEqual([10, true]);
  });

  test('a query that takes too long is ended on the server', async () => {
    await expect(ask(SLOW, { timeoutMs: 5_000 })).rejects.toMatchObject({ code: 'foundry.timeout' });
    await until('no job runs', async () => (await spark.server().jobs('running')) === 0, 60_000);
  });

  test('a query whose caller is gone is ended on the server', async () => {
    const caller = new AbortController();
    const asked = store.query(ACME, SLOW, { ...LIMITS, timeoutMs: 600_000 }, caller.signal);
    asked.catch(() => {});
    await until('it runs', async () => (await spark.server().jobs('running')) > 0, 60_000);
    caller.abort(new Error('the client left'));
    await expect(asked).rejects.toThrow('the client left');
    await until('no job runs', async () => (await spark.server().jobs('running')) === 0, 60_000);
  });

  describe('without any guard', () => {
    test('no attack is answered, and none is told a name', async () => {
      const warehouse = spark.server().warehouse;
      const attacks = [
        ...ATTACKS,
        `select * from parquet.\`${warehouse}/ivory_tenant_rival/deals/data\``,
        `select * from iceberg.\`${warehouse}/ivory_tenant_rival/deals\``,
        `select * from iceberg.\`${warehouse}/ivory_tenant_rival/deals#files\``,
        `select * from lake.\`${warehouse}/ivory_tenant_rival/deals\``,
      ];
      for (const attack of attacks) {
        const outcome = await ask(attack).then(
          ({ rows }) =>
            `answered ${JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? Number(value) : value))}`,
          (error: Error) => error.message,
        );
        expect(outcome, attack).not.toMatch(/^answered|rival secret|secret_margin|root:/);
      }
    });

    test('nothing of it changed anything', async () => {
      expect((await ask('select count(*), sum(amount) from ivory_tenant_acme.deals')).rows).toEqual([
        [500n, { decimal: '156562.50' }],
      ]);
      expect(await store.describe(ACME, never())).toHaveLength(2);
      expect((await ask('select * from deals', {}, RIVAL)).rows).toEqual([[1n, 'rival secret']]);
    });

    test('a table of another tenant and one that is not there are refused in the same words', async () => {
      const refusals = new Set<string>();
      for (const query of [
        'select * from ivory_tenant_rival.deals',
        'select nothing_like_it from ivory_tenant_rival.deals',
        'select * from ivory_tenant_rival.nothing',
        'select * from ivory_tenant_nobody.deals',
      ])
        refusals.add(
          await ask(query).then(
            () => 'answered',
            (error: Error) => error.message,
          ),
        );
      expect([...refusals]).toHaveLength(1);
    });

    test('plain questions are answered', async () => {
      for (const query of PLAIN)
        await expect(ask(query), query).resolves.toMatchObject({ rows: expect.any(Array) });
    });
  });
});

const SETUP = [
  `create table lake.ivory_tenant_acme.deals (id bigint, stage string comment 'Where it stands', amount decimal(18,2), who string) using iceberg
     comment 'Every deal'`,
  `insert into lake.ivory_tenant_acme.deals select id + 1, if(id % 2 = 1, 'won', 'lost'), (id + 1) * 1.25, concat('p', id) from range(500)`,
  'create table lake.acme_market.prices (sym string, px double) using iceberg',
  "insert into lake.acme_market.prices values ('AAPL', 1.5), ('MSFT', double('nan'))",
  'create table lake.ivory_tenant_rival.deals (id bigint, secret_margin string) using iceberg',
  "insert into lake.ivory_tenant_rival.deals values (1, 'rival secret')",
  'create view spark_catalog.default.spy as select 1 as x',
];

const ATTACKS = [
  'select * from ivory_tenant_rival.deals',
  'select * from lake.ivory_tenant_rival.deals',
  'select * from lake.`ivory_tenant_rival`.`deals`',
  'select secret_margi from lake.ivory_tenant_rival.deals',
  'select * from lake.ivory_tenant_rival.deals.files',
  'select * from lake.ivory_tenant_rival.deals.snapshots',
  'select * from lake.ivory_tenant_rival.deals version as of 1',
  "select * from lake.ivory_tenant_rival.deals timestamp as of '2999-01-01'",
  'select * from ivory_tenant_acme.deals.files',
  'select * from ivory_tenant_acme.deals.all_data_files',
  'select (select max(secret_margin) from ivory_tenant_rival.deals)',
  'select * from deals where exists (select 1 from ivory_tenant_rival.deals)',
  'select * from deals, lateral (select * from ivory_tenant_rival.deals)',
  'with deals as (select * from ivory_tenant_rival.deals) select * from deals',
  'select * from deals union all select id, secret_margin, 1, secret_margin from ivory_tenant_rival.deals',
  "select * from identifier('lake.ivory_tenant_' || 'rival.deals')",
  "select identifier('ref' || 'lect')('java.lang.System', 'getProperty', 'user.home')",
  "select reflect('java.lang.Runtime', 'getRuntime')",
  "select java_method('java.lang.System', 'getenv', 'PATH')",
  'select * from lake.ivory_meta.ivory_tenant_rival',
  'select * from text.`/etc/passwd`',
  'select * from csv.`/etc/passwd`',
  'select * from binaryFile.`/etc/hostname`',
  'select * from spark_catalog.default.spy',
  'select * from default.spy',
  'select * from global_temp.x',
  "select transform(id) using 'cat' as (x) from deals",
  "select transform(id) using 'id' from deals",
  'create temporary view v as select 1',
  'create temporary view v using text options (path "/etc/passwd")',
  'create table ivory_tenant_acme.made using iceberg as select 1 as a',
  'insert into ivory_tenant_acme.deals select * from ivory_tenant_acme.deals',
  'delete from ivory_tenant_acme.deals',
  'from ivory_tenant_acme.deals insert into ivory_tenant_acme.deals select *',
  'drop table ivory_tenant_acme.deals',
  'alter table ivory_tenant_acme.deals add column x int',
  "call lake.system.rollback_to_snapshot('ivory_tenant_acme.deals', 1)",
  'set spark.sql.variable.substitute=true',
  'set',
  'reset',
  'show tables in lake.ivory_tenant_rival',
  'show namespaces in lake',
  'describe table lake.ivory_tenant_rival.deals',
  'use lake.ivory_tenant_rival',
  'cache table deals',
  "add jar '/tmp/x.jar'",
  "load data inpath '/etc/passwd' into table ivory_tenant_acme.deals",
  "insert overwrite directory '/tmp/out' using csv select 1",
  'explain extended select 1',
  'select 1; drop table ivory_tenant_acme.deals',
  'declare variable x int',
];

const PLAIN = [
  'select stage, count(*), sum(amount), rank() over (order by sum(amount)) from deals group by stage',
  'with t as (select * from deals) select d.stage, p.sym from t d join acme_market.prices p on d.id = length(p.sym) limit 3',
  'select * from deals pivot (sum(amount) for stage in ("won", "lost")) limit 2',
  "select explode(split('a,b', ',')), 'reflection' as `the reflect`",
  'select d.stage, x.n from deals d, lateral (select count(*) n from deals e where e.id < d.id) x limit 2',
];
