import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { readStagedRows } from '../../../src/db/queries/staged-rows.ts';
import { adoptStagedTable, claimStagedRows, type StagedTable } from '../../../src/db/queries/staging.ts';
import { textOfField } from '../../../src/domain/copy-text.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { type Connector, createStaged, describeStaged, registerConnector } from './fixtures.ts';

const NEVER = new AbortController().signal;
/** Far more than what may be on its way while nobody reads. */
const BIG_ROWS = 8_000;
const BIG = { fields: 'id bigint, body text', key: 'id' };
const BIG_COLUMNS = [
  { name: 'id', type: 'bigint' },
  { name: 'body', type: 'text' },
];
const filling = (at: string) => `insert into ${at} (id, body, _ivory_load_id)
  select n, repeat('x', 10000), 1 from generate_series(1, ${BIG_ROWS}) n`;

describe('staged rows', () => {
  let deps: TestDeps;
  let connector: Connector;

  beforeAll(async () => {
    deps = await createTestDeps();
    const lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
    deps.lakehouse = lakehouse;
    connector = await registerConnector(deps);
    await lakehouse.close();
  });
  afterAll(() => deps.close());

  const staged = (table: string) => describeStaged(deps.database.sql, connector, table);

  async function readAll(
    table: StagedTable,
    names: string[],
    loadId: number,
    batchRows?: number,
  ): Promise<(string | null)[][]> {
    const columns = names.map(
      (name) => table.columns.find((column) => column.name === name) ?? { name, type: 'text' },
    );
    const rows: (string | null)[][] = [];
    for await (const batch of readStagedRows(deps.database.pool, { table, columns, loadId, batchRows }))
      rows.push(...batch.map((fields) => fields.map(textOfField)));
    return rows;
  }

  test('a table is described with its types, its key in order and the stream written on it', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'described', {
      fields: `"a.b" text, "Q""uote" numeric(10,2), n bigint, tags text[]`,
      key: 'n, "a.b"',
    });
    await sql.unsafe(`comment on table ${at} is 'Singer stream public-described'`);
    const table = await staged('described');
    expect(table).toMatchObject({ stream: 'public-described', primaryKey: ['n', 'a.b'], adopted: false });
    expect(table.columns.slice(0, 4)).toEqual([
      { name: 'a.b', type: 'text' },
      { name: 'Q"uote', type: 'numeric(10,2)' },
      { name: 'n', type: 'bigint' },
      { name: 'tags', type: 'text[]' },
    ]);
  });

  test('only rows of the load are read, in key order, in text forms; a column that is not there reads as null', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'texts', {
      fields: 'id bigint, f double precision, at timestamptz, b bytea, tags text[], j jsonb',
      key: 'id',
    });
    await sql.unsafe(`insert into ${at} (id, f, at, b, tags, j, _ivory_load_id) values
      (9007199254740993, 0.1, '2024-05-01 10:00:00.123456+02', '\\x00ff', array['a,"b', null], '{"a":1}', 7),
      (10, 'NaN', null, null, null, null, 7), (9, 1, null, null, null, null, 7), (1, 1, null, null, null, null, 6)`);
    const rows = await readAll(await staged('texts'), ['id', 'f', 'at', 'b', 'tags', 'j', 'never'], 7);
    expect(rows).toEqual([
      ['9', '1', null, null, null, null, null],
      ['10', 'NaN', null, null, null, null, null],
      [
        '9007199254740993',
        '0.1',
        '2024-05-01 08:00:00.123456+00',
        '\\x00ff',
        '["a,\\"b",null]',
        '{"a": 1}',
        null,
      ],
    ]);
  });

  test('batches are bounded in rows and shrink when rows are big', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'big', { fields: 'id bigint, body text', key: 'id' });
    await sql.unsafe(`insert into ${at} (id, body, _ivory_load_id) select n, case when n > 600 then repeat('x', 200000) end, 1
      from generate_series(1, 1200) n`);
    const table = await staged('big');
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: 'body', type: 'text' },
    ];
    const sizes: number[] = [];
    for await (const rows of readStagedRows(deps.database.pool, {
      table,
      columns,
      loadId: 1,
      batchRows: 300,
    }))
      sizes.push(rows.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(1200);
    expect(Math.max(...sizes)).toBe(300);
    expect(sizes.at(-2)).toBeLessThan(30);
  });

  test('a connection that dies between two batches is an error, never a short read', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'cut', BIG);
    await sql.unsafe(filling(at));
    const read = { table: await staged('cut'), columns: BIG_COLUMNS, loadId: 1, batchRows: 10 };
    const batches = readStagedRows(deps.database.pool, read);
    expect((await batches.next()).value).toHaveLength(10);
    await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity
      where datname = current_database() and xact_start is not null and pid <> pg_backend_pid()`;
    // Some may have come already while the first were worked on.
    const rest = async () => {
      let rows = 0;
      for await (const batch of batches) rows += batch.length;
      return rows;
    };
    await expect(rest()).rejects.toThrow();
    expect(await readAll(read.table, ['id'], 1)).toHaveLength(BIG_ROWS);
  });

  test('leaving the loop early ends its connection', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'left', BIG);
    await sql.unsafe(filling(at));
    const read = {
      table: await staged('left'),
      columns: BIG_COLUMNS,
      loadId: 1,
      batchRows: 10,
    };
    for await (const rows of readStagedRows(deps.database.pool, read)) {
      expect(rows).toHaveLength(10);
      break;
    }
    await expect(
      sql.unsafe(`set lock_timeout = '5s'; drop table ${at}; reset lock_timeout`),
    ).resolves.toBeDefined();
  });

  test("another loader's rows are told apart by sequence: each load claims what was touched since the last", async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'foreign', {
      fields: 'id bigint, name text',
      key: 'id',
      loadColumn: false,
    });
    await sql.unsafe(`insert into ${at} (id, name) select n, 'old' from generate_series(1, 50000) n`);
    await adoptStagedTable(sql, await staged('foreign'));
    await adoptStagedTable(sql, await staged('foreign'));
    const table = await staged('foreign');
    expect(table.adopted).toBe(true);
    expect(await claimStagedRows(sql, table, 1, NEVER)).toBe(50_000);
    expect(await claimStagedRows(sql, table, 2, NEVER)).toBe(0);
    await sql.unsafe(`insert into ${at} (id, name) values (7, 'new'), (60000, 'new')
      on conflict (id) do update set name = excluded.name`);
    expect(await claimStagedRows(sql, table, 3, NEVER)).toBe(2);
    expect(await readAll(table, ['id', 'name'], 3)).toEqual([
      ['7', 'new'],
      ['60000', 'new'],
    ]);
    expect(await readAll(table, ['id'], 1)).toHaveLength(49_999);
  });

  test('a session that says its load id marks its rows itself', async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'told', {
      fields: 'id bigint',
      key: 'id',
      loadColumn: false,
    });
    await adoptStagedTable(sql, await staged('told'));
    await sql.begin(async (tx) => {
      await tx.unsafe("set local ivory.load_id = '42'");
      await tx.unsafe(`insert into ${at} (id) values (1)`);
    });
    await sql.unsafe(`insert into ${at} (id) values (2)`);
    expect(await readAll(await staged('told'), ['id'], 42)).toEqual([['1']]);
  });
});
