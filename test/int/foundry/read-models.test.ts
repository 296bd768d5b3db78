import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReadModelStore } from '../../../src/adapters/foundry/read-models/read-models.ts';
import { openDatabase } from '../../../src/db/client.ts';
import type { QueryStore, StoreLimits } from '../../../src/ports/query-store.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { until } from '../../harness/until.ts';
import { insertHistory, insertMapping, insertRejected } from '../api/rows.ts';

const LIMITS: StoreLimits = { maxRows: 100, maxBytes: 1_000_000, timeoutMs: 30_000 };
const never = () => new AbortController().signal;

let deps: TestDeps;
let store: QueryStore;
beforeAll(async () => {
  deps = await createTestDeps();
  store = createReadModelStore({ url: deps.databaseUrl });
  const mine = await insertConnector(deps, {
    sourceSystem: 'salesforce',
    tapState: '{"bookmark": "state secret"}',
    configEncrypted: 'config secret',
  });
  const tables = [{ stream: 'Deal', table: 'ivory_tenant_acme.deals', read: 12, loaded: 10, rejected: 2 }];
  await insertHistory(deps, mine.id, 1, { rowsLoaded: 10, tables });
  await insertHistory(deps, mine.id, 2, { status: 'failed', rowsLoaded: 0, errorCode: 'tap.failed' });
  await insertMapping(deps, mine.id, 'Deal', 'Amount');
  await insertRejected(deps, mine.id, 1, { row: '{"payload": "row secret"}' });
  const theirs = await insertConnector(deps, { tenantId: 'rival', sourceSystem: 'rivals_source' });
  await insertHistory(deps, theirs.id, 3, { tenantId: 'rival', rowsLoaded: 77 });
  await sql(`
    create table read_models.invoices (tenant_id text not null, id int primary key, due date, amount numeric(10,2));
    comment on table read_models.invoices is 'What customers owe';
    insert into read_models.invoices values ('acme', 1, '2026-01-31', 10.50), ('acme', 2, '2026-02-28', 20), ('rival', 3, '2026-03-31', 999);
    create table read_models.lines (tenant_id text not null, id int primary key, invoice_id int references read_models.invoices, what text);
    insert into read_models.lines values ('acme', 1, 1, 'screws'), ('rival', 2, 3, 'rival secret');
    create table read_models.careless (tenant_id text, what text);
    insert into read_models.careless values ('acme', 'mine'), ('rival', 'rival secret');
    alter table read_models.careless enable row level security;
    create policy everybody on read_models.careless using (true);
    create table read_models.untold (what text);
    insert into read_models.untold values ('whose secret is this');
    create view read_models.through as select * from read_models.invoices;
    create materialized view read_models.kept as select * from read_models.invoices;`);
  await store.describe({ tenantId: 'acme', namespaces: [] }, never());
});
afterAll(async () => {
  await store.close();
  await deps.close();
});

const sql = (text: string) => deps.database.pool.query(text);
const ask = (query: string, tenantId = 'acme', limits: Partial<StoreLimits> = {}) =>
  store.query({ tenantId, namespaces: [] }, query, { ...LIMITS, ...limits }, never());

describe('the catalog', () => {
  test("tells the built-in models and the operator's tables that say whose a row is, and no others", async () => {
    const tables = await store.describe({ tenantId: 'acme', namespaces: [] }, never());
    expect(tables.map(({ name }) => name.replace('read_models.', ''))).toEqual(
      'careless connectors daily_loads field_mappings invoices lines rejected_rows run_tables sync_runs'.split(
        ' ',
      ),
    );
    expect(tables.every(({ tenantColumn }) => tenantColumn === 'tenant_id')).toBe(true);
    expect(tables.find(({ name }) => name === 'read_models.invoices')).toMatchObject({
      description: 'What customers owe',
      rowCount: 2,
      keys: [['id']],
    });
    expect(tables.find(({ name }) => name === 'read_models.lines')?.references).toEqual([
      { columns: ['invoice_id'], table: 'read_models.invoices', to: ['id'] },
    ]);
    expect(tables.find(({ name }) => name === 'read_models.sync_runs')).toMatchObject({
      description: expect.stringContaining('runs'),
      keys: [['id']],
      rowCount: 2,
    });
  });

  test("tells of each tenant's rows only: counts and samples, too", async () => {
    const theirs = await store.describe({ tenantId: 'rival', namespaces: [] }, never());
    const mine = await store.describe({ tenantId: 'acme', namespaces: [] }, never());
    expect(JSON.stringify(theirs)).toContain('rival secret');
    expect(JSON.stringify(mine)).not.toMatch(/rival/);
    expect(theirs.find(({ name }) => name === 'read_models.invoices')?.rowCount).toBe(1);
  });

  test('a table that is made later is read at the next look', async () => {
    await sql(
      `create table read_models.later (tenant_id text, id int); insert into read_models.later values ('acme', 1), ('rival', 2)`,
    );
    await store.describe({ tenantId: 'acme', namespaces: [] }, never());
    expect((await ask('select id from read_models.later')).rows).toEqual([[1n]]);
    expect((await ask('select id from read_models.later', 'rival')).rows).toEqual([[2n]]);
    await sql('drop table read_models.later');
  });
});

describe('a question', () => {
  test.each<[string, unknown[][]]>([
    ['select source_system, status from read_models.connectors', [['salesforce', 'active']]],
    [
      'select status, rows_loaded from read_models.sync_runs order by status',
      [
        ['completed', 10n],
        ['failed', 0n],
      ],
    ],
    [
      'select table_name, rows_read, rows_rejected from read_models.run_tables',
      [['ivory_tenant_acme.deals', 12n, 2n]],
    ],
    [
      'select day, runs, failed_runs, rows_loaded from read_models.daily_loads',
      [['2026-03-28', 2n, 1n, 10n]],
    ],
    ['select count(*) from rejected_rows', [[1n]]],
    ['select source_field from field_mappings', [['Amount']]],
    [
      'select i.id, sum(i.amount) over (), l.what from invoices i join lines l on l.invoice_id = i.id',
      [[1n, { decimal: '10.50' }, 'screws']],
    ],
    ['select what from careless', [['mine']]],
  ])('is answered from the rows of the tenant: %s', async (query, rows) => {
    expect((await ask(query)).rows).toEqual(rows);
  });

  test('that takes too long is ended on the server', async () => {
    const slow = 'select count(*) from generate_series(1, 100000000000)';
    await expect(ask(slow, 'acme', { timeoutMs: 300 })).rejects.toMatchObject({ code: 'foundry.timeout' });
    await until('the server ends it', async () => {
      const { rows } = await sql(
        `select 1 from pg_stat_activity where state = 'active' and usename like 'ivory_model%' and datname = current_database()`,
      );
      return rows.length === 0;
    });
  });
});

describe('without any guard', () => {
  test.each([
    'select config_encrypted from read_models.connectors',
    'select * from etl.meltano_connectors',
    'select tap_state from etl.meltano_connectors',
    'select * from etl.rejected_rows',
    'select * from etl.state_history',
    'select "row" from read_models.rejected_rows',
    'select * from foundry.model_readers',
    'select * from read_models.untold',
    'select * from read_models.through',
    'select * from read_models.kept',
    "select * from read_models.invoices where tenant_id = 'rival' union all select null, (select count(*)::int from etl.sync_runs), null, null",
    "select query_to_xml('select * from foundry.model_readers', true, true, '')",
    'select relname from pg_class',
    'select * from pg_policies',
    'select rolname from pg_roles',
    "select set_config('role', 'postgres', false)",
    "select set_config('session_authorization', 'postgres', false)",
    "select set_config('row_security', 'off', false), what from read_models.careless",
    'set session authorization postgres',
    'set role none',
    "insert into read_models.invoices values ('acme', 9, now(), 1)",
    "update read_models.invoices set tenant_id = 'acme'",
    'delete from read_models.invoices',
    'alter table read_models.invoices disable row level security',
    'drop policy ivory_tenant on read_models.careless',
    "create function pg_temp.f() returns text language sql as 'select 1'",
    'select * from read_models.invoices for share',
    "copy read_models.invoices to '/tmp/x'",
  ])('is refused: %s', async (query) => {
    await expect(ask(query)).rejects.toMatchObject({ code: 'foundry.query_failed' });
  });

  test("no condition brings another tenant's rows", async () => {
    for (const query of [
      "select * from read_models.invoices where tenant_id = 'rival'",
      "select * from read_models.invoices where true or amount / 0 > 1 and tenant_id <> 'acme'",
      'select * from read_models.sync_runs where rows_loaded = 77',
      "select * from read_models.careless where what like '%rival%'",
      "select * from read_models.connectors where source_system = 'rivals_source'",
    ]) {
      const rows = await ask(query).then(
        (answer) => answer.rows.filter((row) => row.includes('rival')),
        () => [],
      );
      expect(rows, query).toEqual([]);
    }
  });

  test('the login itself, without Ivory in between, sees no more and can become nobody else', async () => {
    const { rows } = await sql(`select role, password from foundry.model_readers where tenant_id = 'acme'`);
    const url = new URL(deps.databaseUrl);
    url.searchParams.set('user', rows[0].role);
    url.searchParams.set('password', rows[0].password);
    const login = openDatabase(url.href);
    try {
      const count = await login.pool.query('select count(*)::int as n from read_models.invoices');
      expect(count.rows).toEqual([{ n: 2 }]);
      for (const statement of [
        'set role postgres',
        'set session authorization postgres',
        'begin read write; update read_models.invoices set amount = 0; commit',
        'begin read write; create table read_models.mine (id int); commit',
        'select * from etl.meltano_connectors',
        'select * from read_models.untold',
      ])
        await expect(login.pool.query(statement), statement).rejects.toThrow(/permission denied/);
    } finally {
      await login.close();
    }
  });

  test('a tenant column that is dropped closes the table', async () => {
    await sql(
      `create table read_models.changing (tenant_id text, what text); insert into read_models.changing values ('rival', 'rival secret')`,
    );
    await store.describe({ tenantId: 'acme', namespaces: [] }, never());
    await sql('alter table read_models.changing drop column tenant_id cascade');
    expect((await ask('select * from read_models.changing')).rows).toEqual([]);
    await sql('drop table read_models.changing');
  });

  test('two tenants that ask at once see nothing of each other', async () => {
    const asked = Array.from({ length: 20 }, async (_, n) => {
      const tenantId = n % 2 === 0 ? 'acme' : 'rival';
      const { rows } = await ask('select distinct tenant_id from read_models.invoices', tenantId);
      return JSON.stringify(rows) === JSON.stringify([[tenantId]]);
    });
    expect(new Set(await Promise.all(asked))).toEqual(new Set([true]));
  });
});
