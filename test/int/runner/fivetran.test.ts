import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorRow } from '../../harness/connectors.ts';
import { type FivetranBench, openFivetranBench, startedSyncs } from '../../harness/fivetran-bench.ts';

const ACCOUNT = { columns: { id: 'text', name: 'text', employees: 'integer' }, key: ['id'] };
const CLICK = { columns: { page: 'text', at: 'timestamptz' }, key: [] };
const [T1, T2, T3, T4] = [1, 2, 3, 4].map((n) => `2024-03-28T12:0${n}:00.00000${n}Z`) as [
  string,
  string,
  string,
  string,
];

let bench: FivetranBench;
let tables = 0;
beforeAll(async () => {
  bench = await openFivetranBench();
});
afterAll(() => bench.close());

const accounts = (from: number, to: number, name = 'Acme') =>
  Array.from({ length: to - from + 1 }, (_, at) => ({
    id: `001-${from + at}`,
    name: `${name} ${from + at}`,
    employees: at,
  }));

async function registered(values: Parameters<FivetranBench['register']>[0] = {}) {
  tables += 1;
  const table = `accounts_${tables}`;
  const { connector, destination } = await bench.register({ destinationTable: table, ...values });
  await destination.create('account', ACCOUNT);
  const write = (rows: Record<string, unknown>[], synced: string) =>
    destination.sync('account', ACCOUNT, rows, synced);
  const lake = (columns = 'id, name') => bench.lakeRows(table, columns);
  return { id: connector.id, connector, destination, table, write, lake };
}

test('a run starts one sync, waits for it, loads its rows, and remembers how far it read', async () => {
  const { id, write, lake } = await registered();
  bench.syncs(() => write(accounts(1, 25), T1), T2);
  const history = await bench.carry(id);
  expect(history).toMatchObject({ status: 'completed', rowsSynced: 25, rowsLoaded: 25, transformErrors: 0 });
  expect(history.streamStats['account']).toMatchObject({ rows: 25 });
  expect(history.streamStats['account']?.bytes).toBeGreaterThan(25);
  expect(startedSyncs(bench.stub)).toBe(1);
  expect(await lake()).toHaveLength(25);
  expect(await bench.stateOf(id)).toEqual({ fivetran: { succeeded_at: T2, tables: { account: T1 } } });
  expect(await bench.logOf(history.id)).toMatch(/fivetran: sync started.*fivetran: succeeded/s);
});

test('the lakehouse gets the columns of the source, not those of the copy', async () => {
  const { id, write, table } = await registered();
  bench.syncs(() => write(accounts(1, 1), T1), T1);
  await bench.carry(id);
  const columns = await bench.deps.database.sql<{ name: string }[]>`
    select column_name as name from information_schema.columns where table_name = ${table} order by 1`;
  expect(columns.map(({ name }) => name)).toEqual(['employees', 'id', 'name']);
});

describe('the next run', () => {
  test('loads what was synced since: new, changed and deleted rows, and nothing twice', async () => {
    const { id, write, lake } = await registered();
    bench.syncs(() => write(accounts(1, 10), T1), T1);
    await bench.carry(id);
    bench.syncs(async () => {
      await write(accounts(9, 12, 'Renamed'), T2);
      await write([{ id: '001-1', _fivetran_deleted: true }], T2);
    }, T2);
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsSynced: 5, rowsLoaded: 5 });
    const rows = await lake();
    expect(rows).toHaveLength(11);
    expect(rows.filter(([, name]) => String(name).startsWith('Renamed'))).toHaveLength(4);
    expect(rows.map(([key]) => key)).not.toContain('001-1');

    bench.syncs(async () => {}, T3);
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsSynced: 0, rowsLoaded: 0 });
    expect(await bench.stateOf(id)).toEqual({ fivetran: { succeeded_at: T3, tables: { account: T2 } } });
  });

  test('takes up what Fivetran synced on its own in between', async () => {
    const { id, write, lake } = await registered();
    bench.syncs(() => write(accounts(1, 2), T1), T1);
    await bench.carry(id);
    await write(accounts(3, 4), T2);
    bench.syncs(() => write(accounts(5, 5), T3), T3);
    expect(await bench.carry(id)).toMatchObject({ rowsLoaded: 3 });
    expect(await lake()).toHaveLength(5);
  });

  test.each(['upsert', 'append'] as const)(
    'neither loses nor doubles rows with the time of the last one read, or an earlier time (%s)',
    async (loadMode) => {
      const { id, write, lake } = await registered({ loadMode });
      bench.syncs(() => write(accounts(1, 5), T2), T2);
      await bench.carry(id);
      bench.syncs(async () => {
        await write(accounts(6, 8), T2);
        await write(accounts(9, 9), T1);
        await write(accounts(2, 2, 'Late'), T2.replace('02Z', '03Z'));
      }, T3);
      expect(await bench.carry(id)).toMatchObject({ rowsLoaded: 5 });
      expect(await lake()).toHaveLength(loadMode === 'append' ? 10 : 9);
      bench.syncs(async () => {}, T4);
      expect(await bench.carry(id)).toMatchObject({ rowsLoaded: 0 });
    },
  );

  test('after a state that was set back loads again what lies beyond it; cleared, everything', async () => {
    const { id, write } = await registered();
    bench.syncs(() => write(accounts(1, 3), T1), T1);
    await bench.carry(id);
    const first = (await connectorRow(bench.deps, id)).tapState;
    bench.syncs(() => write(accounts(4, 5), T2), T2);
    await bench.carry(id);
    for (const [at, state, rows] of [
      [T3, first, 2],
      [T4, null, 5],
      [T4.replace('04Z', '05Z'), '{}', 5],
    ] as const) {
      await bench.deps.database
        .sql`update etl.meltano_connectors set tap_state = ${state}::text::json where id = ${id}`;
      bench.syncs(async () => {}, at);
      expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: rows });
    }
  });

  test('loads again what a failed run had taken up, whatever the rows’ times', async () => {
    const { id, write, destination, lake } = await registered();
    bench.syncs(() => write(accounts(1, 2), T2), T2);
    await bench.carry(id);
    bench.syncs(async () => {
      await write(accounts(3, 4), T3);
      await write(accounts(5, 5), T1);
    }, T3);
    const failing = await bench.dispatch(id);
    await bench.execute(failing);
    const { lakehouse } = bench.deps;
    bench.deps.lakehouse = { ...lakehouse, openBatch: () => Promise.reject(new Error('the lake is dry')) };
    await bench.load(failing);
    bench.deps.lakehouse = lakehouse;
    expect((await lake()).length).toBe(2);
    bench.syncs(async () => {
      await destination.create('contact', ACCOUNT);
      await destination.sync('contact', ACCOUNT, accounts(1, 1), T1);
    }, T4);
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 4 });
    expect(
      (await bench.deps.database.sql.unsafe(`select 1 from ivory_tenant_acme.accounts_${tables}__account`))
        .length,
    ).toBe(3);
  });

  test('does not take rows for new that Fivetran only rewrote', async () => {
    const { id, write, destination } = await registered();
    bench.syncs(() => write(accounts(1, 5), T1), T1);
    await bench.carry(id);
    bench.syncs(
      () =>
        destination.run(`alter table {schema}.account add column employees__new integer;
          update {schema}.account set employees__new = employees;
          alter table {schema}.account drop column employees;
          alter table {schema}.account rename column employees__new to employees;
          update {schema}.account set _fivetran_deleted = true where id = '001-5'`),
      T2,
    );
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsSynced: 1 });
  });

  test('goes on when Fivetran has made a table anew, and when its columns for deletions are gone', async () => {
    const { id, write, destination, lake } = await registered();
    bench.syncs(() => write(accounts(1, 3), T1), T1);
    await bench.carry(id);
    bench.syncs(async () => {
      await destination.run('drop table {schema}.account');
      await destination.create('account', ACCOUNT);
      await write(accounts(1, 4, 'Anew'), T2);
      await destination.run('alter table {schema}.account drop column _fivetran_deleted');
    }, T2);
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 4 });
    expect(await lake()).toHaveLength(4);
    bench.syncs(
      () =>
        destination.run(
          `update {schema}.account set name = 'x', _fivetran_synced = '${T3}' where id = '001-1'`,
        ),
      T3,
    );
    expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  });
});

test('a table without a key is told apart by Fivetran’s own, declared or not', async () => {
  const { id, destination, table } = await registered();
  await destination.run('drop table {schema}.account');
  await destination.create('click', CLICK);
  const click = (n: number, page: string) => ({ _fivetran_id: `f${n}`, page, at: T1 });
  bench.syncs(() => destination.sync('click', CLICK, [click(1, 'a'), click(2, 'b')], T1), T1);
  await bench.carry(id);
  bench.syncs(
    () =>
      destination.sync('click', CLICK, [{ _fivetran_id: 'f1', _fivetran_deleted: true }, click(3, 'c')], T2),
    T2,
  );
  expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 2 });
  expect(await bench.lakeRows(table, '_fivetran_id, page')).toEqual([
    ['f2', 'b'],
    ['f3', 'c'],
  ]);
});

test('tables of Fivetran’s own books, and tables that are not Fivetran’s, stay out of its sync', async () => {
  const { id, write, destination, lake } = await registered();
  for (const name of ['fivetran_audit', 'fivetran_log']) {
    await destination.create(name, CLICK);
    await destination.sync(name, CLICK, [{ _fivetran_id: 'f1', page: 'a' }], T1);
  }
  bench.syncs(() => write(accounts(1, 2), T1), T1);
  const history = await bench.carry(id);
  expect(history.tables.map(({ stream }) => stream)).toEqual(['account']);
  expect(await lake()).toHaveLength(2);
});

test('rows that Fivetran writes while a run loads are the next run’s, and the counts agree', async () => {
  const { id, write, lake } = await registered();
  bench.syncs(() => write(accounts(1, 50), T1), T1);
  const runId = await bench.dispatch(id);
  await bench.execute(runId);
  const { lakehouse } = bench.deps;
  bench.deps.lakehouse = {
    ...lakehouse,
    async openBatch(spec) {
      await write(accounts(40, 60, 'Meanwhile'), T2);
      return lakehouse.openBatch(spec);
    },
  };
  await bench.load(runId);
  bench.deps.lakehouse = lakehouse;
  expect((await lake()).length).toBe(39);
  bench.syncs(async () => {}, T3);
  expect(await bench.carry(id)).toMatchObject({ status: 'completed', rowsLoaded: 21 });
  expect(await lake()).toHaveLength(60);
});
