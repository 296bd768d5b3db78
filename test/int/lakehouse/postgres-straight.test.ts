import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { LakeValue } from '../../../src/domain/lake-type.ts';
import type { BatchSpec, Lakehouse } from '../../../src/ports/lakehouse.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { until } from '../../harness/until.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, TENANT } from './contract.ts';

const ROWS: LakeValue[][] = [
  [1n, 'a'],
  [2n, 'b'],
];

describe('rows that go straight into a table of Postgres', () => {
  let database: TestDatabase;
  let lakehouse: Lakehouse;
  let stranger: Lakehouse;

  beforeAll(async () => {
    database = await createTestDatabase();
    lakehouse = createPostgresLakehouse({ url: database.url });
    stranger = createPostgresLakehouse({ url: database.url });
    await lakehouse.provision(TENANT, NAMESPACE);
  });
  afterAll(async () => {
    await Promise.all([lakehouse.close(), stranger.close()]);
    await database.close();
  });

  const appending = (changes: Partial<BatchSpec> = {}) =>
    peopleBatch({ mode: 'append', keys: [], ...changes });
  const keyed = (changes: Partial<BatchSpec> = {}) => peopleBatch({ keysOnce: true, ...changes });

  function locksWaitedFor(): Promise<number> {
    return until('somebody waits', async () => {
      const [row] = await database.database.sql`select count(*)::int as n from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      return row?.['n'] || null;
    });
  }

  test('two appends to one table do not wait for each other, and neither is seen before its commit', async () => {
    const [spec, other] = [appending(), appending()];
    await lakehouse.ensureTable(spec);
    const first = await lakehouse.openBatch(spec);
    await first.write(ROWS);
    const second = await stranger.openBatch({ ...other, table: spec.table });
    await second.write(ROWS);
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
    await second.commit();
    expect(await readRows(lakehouse, spec.table)).toHaveLength(2);
    await first.commit();
    expect(await readRows(lakehouse, spec.table)).toHaveLength(4);
  });

  test('while an append is under way another table owner waits to change the columns, and readers do not', async () => {
    const spec = appending();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(ROWS);
    const wider = stranger.ensureTable({
      ...spec,
      batchId: randomUUID(),
      columns: [...spec.columns, { name: 'email', type: { kind: 'string' } }],
    });
    await locksWaitedFor();
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
    await batch.commit();
    expect((await wider).columns).toHaveLength(3);
    expect(await readRows(lakehouse, spec.table)).toHaveLength(2);
  });

  test('the first rows of keys that come once: a merge by others waits, then both are there', async () => {
    const spec = keyed();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(ROWS);
    await batch.remove([[7n]]);
    const merged = loadRows(stranger, { ...spec, batchId: randomUUID() }, [
      [2n, 'theirs'],
      [3n, 'c'],
    ]);
    await locksWaitedFor();
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
    expect((await batch.commit()).rowsLoaded).toBe(2);
    await merged;
    expect(await readRows(lakehouse, spec.table)).toEqual([
      [1n, 'a'],
      [2n, 'theirs'],
      [3n, 'c'],
    ]);
  });

  test('keys that somebody wrote past every lock meanwhile: another try merges', async () => {
    const spec = keyed();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await database.database.sql.unsafe(`insert into ${NAMESPACE}.${spec.table} values (1, 'by hand')`);
    await batch.write(ROWS);
    await expect(batch.commit()).rejects.toMatchObject({ code: 'lakehouse.unavailable', retry: 'transient' });
    await batch.abort();
    await loadRows(lakehouse, spec, ROWS);
    expect(await readRows(lakehouse, spec.table)).toEqual(ROWS);
  });

  test.each([
    ['append', appending],
    ['first rows', keyed],
    ['merge', () => peopleBatch()],
  ])(
    'whoever takes over a batch (%s) ends the session of the one before, which then publishes nothing',
    async (_, make) => {
      const spec = make();
      await lakehouse.ensureTable(spec);
      const frozen = await lakehouse.openBatch(spec);
      await frozen.write(ROWS);
      expect(await loadRows(stranger, spec, ROWS)).toMatchObject({ rowsLoaded: 2 });
      await expect(frozen.commit()).rejects.toMatchObject({ code: 'lakehouse.unavailable' });
      await frozen.abort();
      expect(await readRows(lakehouse, spec.table)).toEqual(ROWS);
    },
  );

  test('a guard that says no in the transaction leaves nothing, where the control plane is in the same database', async () => {
    const beside = createPostgresLakehouse({ url: database.url, besideControlPlane: true });
    const spec = appending();
    await beside.ensureTable(spec);
    const batch = await beside.openBatch(spec);
    await batch.write(ROWS);
    const asked: unknown[] = [];
    const no = async (query: (text: string, parameters: unknown[]) => Promise<readonly unknown[]>) => {
      asked.push(
        ...(await query('select count(*)::int as n from ivory_meta.commits where batch_id = $1', [
          spec.batchId,
        ])),
      );
      throw new Error('not yours');
    };
    await expect(batch.commit(no)).rejects.toThrow();
    await batch.abort();
    // the guard saw the batch in the ledger: it was asked in the very transaction
    expect(asked).toEqual([{ n: 1 }]);
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toBeNull();
    await beside.close();
  });

  test('fields of the COPY format are taken as they are', async () => {
    const spec = keyed();
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.fields?.write([
      ['1', 'a\\tb'],
      ['2', '\\N'],
    ]);
    await batch.fields?.remove([['9']]);
    await batch.commit();
    expect(await readRows(lakehouse, spec.table)).toEqual([
      [1n, 'a\tb'],
      [2n, null],
    ]);
  });
});
