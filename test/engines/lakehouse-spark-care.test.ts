import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SparkClient } from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import type { LakeValue } from '../../src/domain/lake-type.ts';
import type { BatchSpec, CareCounts, Lakehouse } from '../../src/ports/lakehouse.ts';
import { type SparkInstallation, startSparkInstallation } from '../harness/spark-lakehouse.ts';
import { type Fate, type SparkCall, startSparkProxy } from '../harness/spark-proxy.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, TENANT } from '../int/lakehouse/contract.ts';
import { careFor, loadAsQueued, onlyContended } from '../int/lakehouse/contract-care.ts';

const DAY_MS = 86_400_000;
const APPEND = { mode: 'append', keys: [] as string[] } as const;
/** As many as a table has before compacting it is worth while. */
const FILES = 20;

describe.skipIf(!sparkIsInstalled())('the care of tables in Spark', () => {
  let spark: SparkInstallation;
  let lakehouse: Lakehouse;
  let plain: SparkClient;
  const ends: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    spark = await startSparkInstallation();
    lakehouse = spark.lakehouse('parquet');
    plain = spark.client();
    await lakehouse.provision(TENANT, NAMESPACE);
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });
  afterAll(async () => {
    await plain?.close();
    await spark?.close();
  });

  const numberOf = async (what: string, table: string) =>
    Number((await plain.query(`SELECT ${what} FROM ${NAMESPACE}.${table}`)).rows[0]?.[0]);
  const dataFiles = (table: string) => numberOf('COUNT_IF(content = 0)', `${table}.files`);
  const deleteFiles = (table: string) => numberOf('COUNT_IF(content <> 0)', `${table}.files`);
  const ancestors = (table: string) =>
    numberOf('COUNT(DISTINCT snapshot_id)', `${table}.history WHERE is_current_ancestor`);
  const found = async ({ table, batchId }: BatchSpec, through = lakehouse) =>
    (await through.findCommit(NAMESPACE, table, batchId)) !== null;
  const again = (spec: BatchSpec) => ({ ...spec, batchId: crypto.randomUUID() });

  /** One file and one snapshot each, of one row. */
  async function strangers(table: string, count: number): Promise<LakeValue[][]> {
    const rows = Array.from({ length: count }, (_, n): LakeValue[] => [BigInt(100_000 + n), 'stranger']);
    for (const [id] of rows)
      await plain.execute(`INSERT INTO ${NAMESPACE}.${table} VALUES (${id}, 'stranger')`);
    return rows;
  }

  test('many small files become one; a table that is fine is left alone', async () => {
    const spec = peopleBatch(APPEND);
    await loadRows(lakehouse, spec, [[1n, 'ours']]);
    expect(await careFor(lakehouse, spec.table)).toEqual({ 'orphan files removed': 0 });
    const theirs = await strangers(spec.table, FILES);
    const alter = (change: string) => plain.execute(`ALTER TABLE ${NAMESPACE}.${spec.table} ${change}`);
    await alter(`SET TBLPROPERTIES ('ivory.care'='false')`);
    expect(await careFor(lakehouse, spec.table)).toEqual({});
    await alter(`UNSET TBLPROPERTIES ('ivory.care')`);
    expect(await careFor(lakehouse, spec.table)).toEqual({
      'data files compacted': FILES + 1,
      'data files written': 1,
    });
    expect(await dataFiles(spec.table)).toBe(1);
    expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'ours'], ...theirs]);
    expect(await found(spec)).toBe(true);
    expect(await careFor(lakehouse, spec.table)).toEqual({});
  });

  test('rows that upserts replaced are gone from the files, and so are their position deletes', async () => {
    const spec = peopleBatch();
    const rows = (name: string) => Array.from({ length: 50 }, (_, n): LakeValue[] => [BigInt(n), name]);
    for (const name of ['a', 'b', 'c']) await loadRows(lakehouse, again(spec), rows(name));
    expect(await deleteFiles(spec.table)).toBeGreaterThan(0);
    await careFor(lakehouse, spec.table);
    expect([await dataFiles(spec.table), await deleteFiles(spec.table)]).toEqual([1, 0]);
    expect(await readRows(lakehouse, spec.table)).toEqual(rows('c'));
    expect(await numberOf('SUM(record_count)', `${spec.table}.files`)).toBe(50);
  });

  test('snapshots expire by age and number, staged ones that were never published too; what may be looked for stays', async () => {
    const spec = peopleBatch(APPEND);
    const early = [1, 2].map(() => again(spec));
    for (const batch of early) await loadRows(lakehouse, batch, [[1n, 'early']]);
    const stranded = crypto.randomUUID();
    await plain.withSession(async (session) => {
      await session.set('spark.wap.id', stranded);
      await session.execute(`INSERT INTO ${NAMESPACE}.${spec.table} VALUES (7, 'never published')`);
    });
    const theirs = await strangers(spec.table, 105);
    const late = again(spec);
    await loadRows(lakehouse, late, [[2n, 'late']]);
    const strandedCount = () =>
      numberOf('COUNT(*)', `${spec.table}.snapshots WHERE summary['wap.id'] = '${stranded}'`);
    const wanted = [[1n, 'early'], [1n, 'early'], [2n, 'late'], ...theirs];

    // the server's clock does not go along: it would not look for orphans so young
    await plain.execute(
      `ALTER TABLE ${NAMESPACE}.${spec.table} SET TBLPROPERTIES ('ivory.orphans-sought-at'='${Date.now() + 16 * DAY_MS}')`,
    );
    // sixteen days later, but for a run that is still at it
    const later = spark.lakehouse('parquet', undefined, () => new Date(Date.now() + 16 * DAY_MS));
    ends.push(later.close);
    const done = await careFor(later, spec.table, { keepAfter: new Date(Date.now() - 60_000), keepLast: 1 });
    expect(done).toMatchObject({ 'data files compacted': 108 });
    expect(done).not.toHaveProperty('snapshots expired');
    expect([await found(early[0] ?? spec), await strandedCount()]).toEqual([true, 1]);

    // what is asked to stay is less than retries need
    const next = await careFor(later, spec.table, {
      keepAfter: new Date(Date.now() + 30 * DAY_MS),
      keepLast: 1,
    });
    expect(next?.['snapshots expired']).toBeGreaterThan(0);
    expect([await ancestors(spec.table), await strandedCount()]).toEqual([100, 0]);
    expect([await found(early[0] ?? spec), await found(late)]).toEqual([false, true]);
    expect(await readRows(lakehouse, spec.table)).toEqual(wanted);
    // within the fourteen days all stay, however many
    expect(await careFor(lakehouse, spec.table, { keepAfter: new Date(), keepLast: 1 })).toEqual({});
  }, 900_000);

  describe('files that no snapshot knows', () => {
    function plant(table: string, path: string, days: number): string {
      const file = join(spark.server().warehouse, NAMESPACE, table, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'left behind');
      const at = new Date(Date.now() - days * DAY_MS);
      utimesSync(file, at, at);
      return file;
    }

    test('are removed when they are old, and looked for once a week', async () => {
      const spec = peopleBatch();
      await loadRows(lakehouse, spec, [[1n, 'a']]);
      const old = plant(spec.table, 'data/00000-0-crashed.parquet', 4);
      const young = plant(spec.table, 'data/00000-1-writing.parquet', 2);
      expect(await careFor(lakehouse, spec.table)).toMatchObject({ 'orphan files removed': 1 });
      expect([existsSync(old), existsSync(young)]).toEqual([false, true]);
      plant(spec.table, 'data/00000-0-crashed.parquet', 4);
      expect(await careFor(lakehouse, spec.table)).toEqual({});
      expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'a']]);
    });

    test('stay where another table may live in the folder, and where Ivory did not make the table', async () => {
      const spec = peopleBatch();
      await loadRows(lakehouse, spec, [[1n, 'a']]);
      const state = plant(spec.table, 'metadata/00007-5f1f6a0e.metadata.json', 4);
      const theirs = plant(spec.table, 'data/00000-0-of-the-renamed-table.parquet', 4);
      await expect(careFor(lakehouse, spec.table)).rejects.toMatchObject({ code: 'lakehouse.folder_shared' });
      expect([existsSync(state), existsSync(theirs)]).toEqual([true, true]);

      const other = peopleBatch(APPEND);
      await plain.execute(`CREATE TABLE ${NAMESPACE}.${other.table} (id BIGINT, name STRING) USING iceberg`);
      await loadRows(lakehouse, other, [[1n, 'a']]);
      const unknown = plant(other.table, 'data/whatever.parquet', 400);
      expect(await careFor(lakehouse, other.table)).toEqual({});
      expect(existsSync(unknown)).toBe(true);
    });
  });

  test.each(['append', 'upsert'] as const)(
    'a compaction that commits while an %s is staged: the load notices, and its rows are there once',
    async (mode) => {
      const spec = peopleBatch(mode === 'append' ? APPEND : {});
      await loadRows(lakehouse, spec, [[1n, 'before']]);
      const theirs = await strangers(spec.table, FILES);
      let isStaged = false;
      let done: CareCounts | null = null;
      const decide = async ({ name, text }: SparkCall): Promise<Fate> => {
        if (name !== 'ExecuteStatement') return 'pass';
        isStaged ||= /(INSERT|MERGE) INTO/.test(text);
        if (isStaged && done === null && text.includes('cherrypick_snapshot'))
          done = await careFor(lakehouse, spec.table);
        return 'pass';
      };
      const proxy = await startSparkProxy(spark.server().port, { decide });
      const through = spark.lakehouse('parquet', proxy.port);
      ends.push(through.close, proxy.close);
      const next = again(spec);
      await loadRows(through, next, [[2n, 'after']]);
      expect(done).toMatchObject({ 'data files compacted': FILES + 1 });
      expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'before'], [2n, 'after'], ...theirs]);
      expect([await found(spec), await found(next)]).toEqual([true, true]);
      expect(await numberOf('COUNT(*)', `${spec.table}.history WHERE is_current_ancestor`)).toBe(FILES + 3);
    },
  );

  test('care whose answer is lost has been done or not: the rows are there, and the next care does the rest', async () => {
    const spec = peopleBatch(APPEND);
    await lakehouse.ensureTable(spec);
    const theirs = await strangers(spec.table, FILES);
    let isLost = false;
    const decide = ({ text }: SparkCall): Fate => {
      if (isLost || !text.includes('rewrite_data_files')) return 'pass';
      isLost = true;
      return 'lose-answer';
    };
    const proxy = await startSparkProxy(spark.server().port, { decide });
    const through = spark.lakehouse('parquet', proxy.port);
    ends.push(through.close, proxy.close);
    await expect(careFor(through, spec.table)).rejects.toMatchObject({ code: 'lakehouse.unavailable' });
    expect(isLost).toBe(true);
    expect(await readRows(lakehouse, spec.table)).toEqual(theirs);
    await careFor(lakehouse, spec.table);
    expect(await readRows(lakehouse, spec.table)).toEqual(theirs);
    expect(await dataFiles(spec.table)).toBe(1);
  });

  test('care in a loop beside upserts, removals and appends: rows and commits are those of loads without care', async () => {
    const [keyed, plainly] = [peopleBatch(), peopleBatch(APPEND)];
    const alone = [peopleBatch(), peopleBatch(APPEND)];
    const rounds = Array.from({ length: 6 }, (_, round) =>
      // every round writes each key anew: half of the rows in the files are dead at once
      Array.from({ length: 100 }, (_, n): LakeValue[] => [BigInt(n + (round % 3)), `round ${round}`]),
    );
    for (const spec of [keyed, plainly, ...alone]) await lakehouse.ensureTable(spec);
    const other = spark.lakehouse('parquet');
    ends.push(other.close);
    let isLoading = true;
    const caring = [keyed, plainly].map(async ({ table }) => {
      while (isLoading) await careFor(other, table).catch(onlyContended);
    });
    const batches: BatchSpec[] = [];
    for (const rows of rounds) {
      const pair = [again(keyed), again(plainly)];
      await Promise.all(pair.map((spec) => loadAsQueued(lakehouse, spec, rows)));
      batches.push(...pair);
    }
    isLoading = false;
    await Promise.all(caring);
    for (const rows of rounds) for (const spec of alone) await loadRows(lakehouse, again(spec), rows);
    for (const [n, { table }] of [keyed, plainly].entries()) {
      const clean = await readRows(lakehouse, alone[n]?.table ?? '', 'id, name');
      expect(await readRows(lakehouse, table, 'id, name')).toEqual(clean);
      // strictly: the last load has just replaced every row
      await careFor(lakehouse, table);
      expect(await readRows(lakehouse, table, 'id, name')).toEqual(clean);
    }
    expect(await deleteFiles(keyed.table)).toBe(0);
    for (const batch of batches) expect(await found(batch)).toBe(true);
  }, 900_000);
});
