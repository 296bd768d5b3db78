import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { readStagedRows, type StagedRead, selectOf } from '../../../src/db/queries/staged-rows.ts';
import { adoptStagedTable } from '../../../src/db/queries/staging.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { loadLines, recordMessage, schemaMessage } from '../singer/load-lines.ts';
import { type Connector, createStaged, describeStaged, registerConnector } from './fixtures.ts';

const ROWS = 60_000;
const COLUMNS = [{ name: 'id', type: 'bigint' }];

describe('how staged rows are found', () => {
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

  /** Reads to the end, as a load does, then asks for the plan of the same statement. */
  async function planAfterReading(read: StagedRead): Promise<{ rows: number; plan: string }> {
    let rows = 0;
    for await (const batch of readStagedRows(deps.database.pool, read)) rows += batch.length;
    const lines = await deps.database.sql.unsafe(`explain (costs off) ${selectOf(read)}`);
    return { rows, plan: lines.map((line) => line['QUERY PLAN']).join('\n') };
  }

  /** What an insert changed is otherwise told a second later. */
  function fill(at: string, loadId: string): Promise<unknown> {
    return deps.database.sql.begin(async (tx) => {
      await tx.unsafe(
        `insert into ${at} (id, _ivory_load_id) select n, ${loadId} from generate_series(1, ${ROWS}) n`,
      );
      await tx.unsafe('select pg_stat_force_next_flush()');
    });
  }

  test('the whole of a big table, just loaded, is read along its key and not sorted', async () => {
    const at = await createStaged(deps.database.sql, connector, 'whole', { fields: 'id bigint', key: 'id' });
    await deps.database.sql.unsafe(`create index on ${at} (_ivory_load_id)`);
    await fill(at, '1');
    const { rows, plan } = await planAfterReading({
      table: await staged('whole'),
      columns: COLUMNS,
      loadId: 1,
    });
    expect(rows).toBe(ROWS);
    expect(plan).toMatch(/Index (?:Only )?Scan using whole_pkey/);
    expect(plan).not.toMatch(/Sort/);
  });

  test('what an append wrote is read as it lies, without a sort', async () => {
    const at = await createStaged(deps.database.sql, connector, 'lying', { fields: 'id bigint' });
    await fill(at, '1');
    const { rows, plan } = await planAfterReading({
      table: await staged('lying'),
      columns: COLUMNS,
      loadId: 1,
    });
    expect(rows).toBe(ROWS);
    expect(plan).not.toMatch(/Sort/);
  });

  test("a run that touched a few rows of a big table finds them by the loader's index", async () => {
    await loadLines(deps.database.pool, streamOf('small', ROWS), { settings: settingsOf('1') });
    await loadLines(deps.database.pool, streamOf('small', 40), { settings: settingsOf('2') });
    const { rows, plan } = await planAfterReading({
      table: await staged('small'),
      columns: COLUMNS,
      loadId: 2,
    });
    expect(rows).toBe(40);
    expect(plan).toMatch(/small__ivory_load_id_idx/);
    expect(plan).not.toMatch(/Seq Scan/);
  });

  test('a table has no index of its loads until a second one comes, however often the first one starts over', async () => {
    const indexes = async () =>
      (
        await deps.database.sql`select indexname from pg_indexes
          where schemaname = ${connector.stagingSchema} and tablename = 'often' and indexdef like '%_ivory_load_id%'`
      ).length;
    for (const [loadId, found] of [
      ['1', 0],
      ['1', 0],
      ['2', 1],
      ['3', 1],
    ] as const) {
      await loadLines(deps.database.pool, streamOf('often', 3), { settings: settingsOf(loadId) });
      expect(await indexes()).toBe(found);
    }
  });

  test("and in another loader's table by the one that was made when it was adopted", async () => {
    const { sql } = deps.database;
    const at = await createStaged(sql, connector, 'foreign', {
      fields: 'id bigint',
      key: 'id',
      loadColumn: false,
    });
    await adoptStagedTable(sql, await staged('foreign'));
    await fill(at, '1');
    await sql.unsafe(`update ${at} set _ivory_load_id = 2 where id % 1500 = 0`);
    const { rows, plan } = await planAfterReading({
      table: await staged('foreign'),
      columns: COLUMNS,
      loadId: 2,
    });
    expect(rows).toBe(40);
    expect(plan).toMatch(/foreign_ivory_load/);
    expect(plan).not.toMatch(/Seq Scan/);
  });

  function settingsOf(loadId: string) {
    return { targetSchema: connector.stagingSchema, loadId };
  }
});

function streamOf(stream: string, rows: number): object[] {
  return [
    schemaMessage(stream, { id: { type: 'integer' } }, ['id']),
    ...Array.from({ length: rows }, (_, id) => recordMessage(stream, { id })),
  ];
}
