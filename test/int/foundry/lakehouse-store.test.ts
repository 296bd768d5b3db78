import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLakehouseStore } from '../../../src/adapters/foundry/lakehouse-store.ts';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import type { QueryStore, StoreLimits } from '../../../src/ports/query-store.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';

const ACME = { tenantId: 'acme', namespaces: ['ivory_tenant_acme', 'acme_market'] };
const RIVAL = { tenantId: 'rival', namespaces: ['ivory_tenant_rival'] };
const LIMITS: StoreLimits = { maxRows: 100, maxBytes: 1_000_000, timeoutMs: 30_000 };
const never = () => new AbortController().signal;

let database: TestDatabase;
let lakehouse: Lakehouse;
let store: QueryStore;
beforeAll(async () => {
  database = await createTestDatabase();
  lakehouse = createPostgresLakehouse({ url: database.url });
  store = createLakehouseStore(lakehouse);
  await lakehouse.provision('acme', 'ivory_tenant_acme');
  await lakehouse.provision('acme', 'acme_market');
  await lakehouse.provision('rival', 'ivory_tenant_rival');
  await sql(`
    create table ivory_tenant_acme.deals (id bigint primary key, stage text not null, amount numeric(18,2), account_id bigint);
    comment on table ivory_tenant_acme.deals is 'Every deal';
    comment on column ivory_tenant_acme.deals.amount is 'In USD';
    insert into ivory_tenant_acme.deals select n, case when n % 2 = 0 then 'won' else 'lost' end, n * 1.25, n % 3 from generate_series(1, 500) n;
    create table ivory_tenant_acme.accounts (id bigint primary key, name text);
    insert into ivory_tenant_acme.accounts select n, 'Account ' || n from generate_series(1, 3000) n;
    create table acme_market.prices (sym text, px double precision);
    insert into acme_market.prices values ('AAPL', 1.5), ('MSFT', 'nan');
    create table ivory_tenant_rival.deals (id bigint primary key, stage text, secret_margin text);
    insert into ivory_tenant_rival.deals values (1, 'hidden stage', 'rival secret');`);
});
afterAll(async () => {
  await lakehouse.close();
  await database.close();
});

const sql = (text: string) => database.database.pool.query(text);
const ask = (query: string, limits: Partial<StoreLimits> = {}, tenant = ACME) =>
  store.query(tenant, query, { ...LIMITS, ...limits }, never());

describe('the catalog', () => {
  test('tells the tables of all namespaces of the tenant with types, comments, counts, keys and few values', async () => {
    const tables = await store.describe(ACME, never());
    expect(tables.map(({ name }) => name)).toEqual([
      'acme_market.prices',
      'ivory_tenant_acme.accounts',
      'ivory_tenant_acme.deals',
    ]);
    expect(tables[2]).toMatchObject({
      kind: 'table',
      description: 'Every deal',
      rowCount: 500,
      keys: [['id']],
      columns: [
        { name: 'id', type: 'bigint', nullable: false, description: null, samples: [] },
        { name: 'stage', type: 'text', nullable: false, samples: ['lost', 'won'] },
        { name: 'amount', type: 'numeric(18,2)', nullable: true, description: 'In USD' },
        { name: 'account_id', type: 'bigint' },
      ],
    });
    expect(tables[1]?.columns[1]?.samples).toEqual([]);
  });

  test("tells nothing of a namespace that was not asked for, and nothing of another tenant's that was", async () => {
    const one = await store.describe({ ...ACME, namespaces: ['acme_market'] }, never());
    expect(one.map(({ name }) => name)).toEqual(['acme_market.prices']);
    expect(await store.describe({ tenantId: 'acme', namespaces: ['ivory_tenant_rival'] }, never())).toEqual(
      [],
    );
    expect(await store.describe({ tenantId: 'nobody', namespaces: [] }, never())).toEqual([]);
  });
});

describe('a query', () => {
  test('joins the namespaces of a tenant, and sees one that was disabled no more', async () => {
    const join = 'select count(*) from ivory_tenant_acme.deals, acme_market.prices';
    expect((await ask(join)).rows).toEqual([[1_000n]]);
    const fewer = { ...ACME, namespaces: ['ivory_tenant_acme'] };
    await expect(ask(join, {}, fewer)).rejects.toMatchObject({ code: 'foundry.query_failed' });
    expect((await ask(join)).rows).toEqual([[1_000n]]);
  });

  test('answers every value exactly', async () => {
    const { columns, rows } =
      await ask(`select 9007199254740993::bigint as big, 1.10::numeric(5,2) as dec, 'nan'::float8 as nan,
      '-infinity'::float8 as inf, date '2024-02-29' as d, timestamp '2024-05-01 10:00:00.5' as t, timestamptz '2024-05-01 10:00+02' as tz,
      '\\xdeadbeef'::bytea as b, true as yes, null::text as nothing, array[1, null, 3] as list, array[['a,b', 'c"d']] as nested,
      '{"b": 1, "1": [9007199254740993, 1.10], "b2": null}'::json as doc, 'nan'::numeric as decnan, 'x' as big`);
    expect(columns.map(({ name }) => name)).toEqual(
      'big dec nan inf d t tz b yes nothing list nested doc decnan big'.split(' '),
    );
    expect(columns.slice(0, 3).map(({ type }) => type)).toEqual([
      'bigint',
      'numeric(5,2)',
      'double precision',
    ]);
    expect(rows).toEqual([
      [
        9007199254740993n,
        { decimal: '1.10' },
        Number.NaN,
        Number.NEGATIVE_INFINITY,
        '2024-02-29',
        '2024-05-01T10:00:00.5',
        '2024-05-01T08:00:00Z',
        Buffer.from('deadbeef', 'hex'),
        true,
        null,
        [1n, null, 3n],
        [['a,b', 'c"d']],
        new Map<string, unknown>([
          ['b', 1n],
          ['1', [9007199254740993n, { decimal: '1.10' }]],
          ['b2', null],
        ]),
        Number.NaN,
        'x',
      ],
    ]);
    const doc = rows[0]?.[12];
    expect(doc instanceof Map ? [...doc.keys()] : doc).toEqual(['b', '1', 'b2']);
  });

  test('is cut at the rows and at the bytes it may have, and says so', async () => {
    const all = 'select id from ivory_tenant_acme.deals order by id';
    expect(await ask(all, { maxRows: 500 })).toMatchObject({ truncated: false });
    const cut = await ask(all, { maxRows: 2 });
    expect([cut.rows, cut.truncated]).toEqual([[[1n], [2n]], true]);
    const wide = await ask(`select repeat('x', 1000) from generate_series(1, 100000)`, {
      maxBytes: 10_500,
      maxRows: 100_000,
    });
    expect([wide.rows.length, wide.truncated]).toEqual([10, true]);
  });

  test('that takes too long is ended on the server', async () => {
    const slow = 'select count(*) from generate_series(1, 100000000000) /* too slow */';
    await expect(ask(slow, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'foundry.timeout' });
    await until('the server ends it', async () => (await running()) === 0);
  });

  test('whose caller is gone is ended on the server, long before its time is over', async () => {
    const caller = new AbortController();
    const slow = 'select count(*) from generate_series(1, 100000000000) /* given up */';
    const asked = store.query(ACME, slow, { ...LIMITS, timeoutMs: 600_000 }, caller.signal);
    asked.catch(() => {});
    await until('it runs', async () => (await running()) === 1);
    caller.abort(new Error('the client left'));
    await expect(asked).rejects.toThrow('the client left');
    await until('the server ends it', async () => (await running()) === 0);
  });

  test('says in the words of Postgres what is wrong with it', async () => {
    const failing = ask('select stagee from ivory_tenant_acme.deals');
    await expect(failing).rejects.toMatchObject({
      code: 'foundry.query_failed',
      message: expect.stringContaining('"stagee" does not exist'),
    });
  });
});

/** Questions of the tenant's that the server is at. */
async function running(): Promise<number> {
  const { rows } = await sql(
    `select 1 from pg_stat_activity where state = 'active' and query like 'fetch forward%' and usename like 'ivory_asker%'
       and datname = current_database()`,
  );
  return rows.length;
}

/** No guard stands before this store: the login and the plan are all there is. */
describe('without any guard', () => {
  const FOREIGN = /rival secret|hidden stage|secret_margin|ivory_tenant_rival/;

  test.each([
    'select * from ivory_tenant_rival.deals',
    'select * from "ivory_tenant_rival"."deals"',
    'select (select secret_margin from ivory_tenant_rival.deals limit 1)',
    'with x as (select * from ivory_tenant_rival.deals) select * from x',
    'select * from ivory_tenant_acme.deals where exists (select 1 from ivory_tenant_rival.deals)',
    'table ivory_tenant_rival.deals',
    "select query_to_xml('select * from ivory_tenant_rival.deals', true, true, '')",
    "select query_to_xml('select nspname from pg_namespace', true, true, '')",
    "select schema_to_xml('ivory_tenant_rival', true, true, '')",
    "select database_to_xml(true, true, '')",
    'select nspname from pg_namespace',
    'select relname from pg_class',
    'select rolname from pg_roles',
    'select usename, query from pg_stat_activity',
    'select * from pg_stats',
    'select datname from pg_database',
    'select table_name from information_schema.tables',
    'select * from pg_stat_get_activity(null)',
    'select n::regclass from generate_series(16384, 20000) n',
    "select 'ivory_tenant_rival.deals'::regclass::text",
    'select pg_get_userbyid(10)',
    "select current_setting('data_directory')",
    'select regclassout(1259)',
    'select stage from deals order by pg_get_userbyid(10)',
    'select count(*) filter (where has_schema_privilege(n::text, $$usage$$)) from generate_series(1, 9) n',
    "select to_regclass('ivory_tenant_rival.deals')",
    'select current_query(), txid_current()',
    'select inet_server_addr()',
    "select nextval('ivory_tenant_rival.s')",
    'select * from ivory_meta.namespaces',
    'select reader_password from ivory_meta.namespaces',
    'select * from etl.meltano_connectors',
    "select pg_read_file('/etc/passwd')",
    "select * from pg_ls_dir('/')",
    "select lo_import('/etc/passwd')",
    'select lo_create(0)',
    "select dblink('dbname=postgres', 'select 1')",
    "select set_config('role', 'none', false)",
    "select set_config('transaction_read_only', 'off', false)",
    "select set_config('statement_timeout', '0', false) from ivory_tenant_acme.deals",
    'select pg_terminate_backend(pid) from pg_stat_activity',
    'select pg_advisory_lock(1)',
    "select pg_notify('x', 'y')",
    'delete from ivory_tenant_acme.deals',
    'with gone as (delete from ivory_tenant_acme.deals returning id) select * from gone',
    'insert into ivory_tenant_acme.deals values (0)',
    'update ivory_tenant_acme.deals set amount = 0',
    'select * into ivory_tenant_acme.copied from ivory_tenant_acme.deals',
    'create table ivory_tenant_acme.made (id int)',
    'create temp table made (id int)',
    'drop table ivory_tenant_acme.deals',
    'truncate ivory_tenant_acme.deals',
    "copy ivory_tenant_acme.deals to program 'id'",
    "copy (select 1) to '/tmp/x'",
    'set role postgres',
    'reset role',
    'do $$ begin end $$',
    'select 1; drop table ivory_tenant_acme.deals',
    'select 1; commit; drop table ivory_tenant_acme.deals',
    'select * from ivory_tenant_acme.deals for update',
    'explain analyze select 1',
    'analyze (select 1)',
    'listen x',
    'values (1); select 1',
  ])('%s', async (query) => {
    const outcome = await ask(query).then(
      (answer) => ({
        answer,
        message: JSON.stringify(answer.rows, (_, value) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
      }),
      (error: Error) => ({ answer: null, message: error.message }),
    );
    expect(outcome).toMatchObject({ answer: null });
    expect(outcome.message).not.toMatch(FOREIGN);
  });

  test('nothing of it changed anything', async () => {
    const { rows } =
      await sql(`select (select count(*) from ivory_tenant_acme.deals)::int as deals, (select sum(amount) from ivory_tenant_acme.deals)::text as amount,
      (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace where nspname = 'ivory_tenant_acme' and relkind = 'r')::int as tables`);
    expect(rows).toEqual([{ deals: 500, amount: '156562.50', tables: 2 }]);
  });

  test('a table of another tenant and one that is not there are refused in the same words', async () => {
    const refusals = await Promise.all(
      ['ivory_tenant_rival.deals', 'ivory_tenant_rival.nothing', 'ivory_tenant_nobody.deals', 'nothing'].map(
        (name) =>
          ask(`select * from ${name}`).then(
            () => 'answered',
            (error: Error) => error.message,
          ),
      ),
    );
    expect(new Set(refusals).size).toBe(1);
  });

  test("a tenant's namespaces are of no use under another's name", async () => {
    await expect(ask('select 1', {}, { ...RIVAL, namespaces: ACME.namespaces })).rejects.toMatchObject({
      code: 'foundry.query_failed',
    });
    expect((await ask('select secret_margin from deals', {}, RIVAL)).rows).toEqual([['rival secret']]);
  });

  test.each([
    'select stage, count(*), sum(amount) over (order by count(*)) from deals group by stage, amount limit 3',
    "select string_agg(stage, ',' order by id) filter (where id < 3), percentile_cont(0.5) within group (order by amount) from deals",
    "select date_trunc('month', d)::date from generate_series(date '2024-01-01', date '2024-03-01', interval '1 month') d",
    "select a.name, d.n from accounts a cross join lateral (select count(*) n from deals where account_id = a.id) d where a.name like 'Account 1%' limit 5",
    'with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select sum(n) from t',
    "select x->>'a' from jsonb_array_elements('[{\"a\": 1}]') x",
    "select regexp_matches('abc', 'b'), to_char(now(), 'YYYY'), extract(year from now()), coalesce(null, 'pg_read_file(')",
    'select stage as "pg_class (" from deals union all select name from accounts limit 2',
    'select percent_rank() over (order by amount), grouping(stage), stage from deals group by rollup (stage), amount limit 2',
    'select * from deals tablesample system (10) limit 1',
    'select pg_typeof(id), current_date from deals limit 1',
  ])('a plain question is answered: %s', async (query) => {
    await expect(ask(query)).resolves.toMatchObject({ rows: expect.any(Array) });
  });
});
