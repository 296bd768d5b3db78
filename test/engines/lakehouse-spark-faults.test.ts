import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SparkClient } from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import type { LakeValue } from '../../src/domain/lake-type.ts';
import type { BatchSpec, LakeColumn, Lakehouse } from '../../src/ports/lakehouse.ts';
import {
  type SparkInstallation,
  type SparkPath,
  startSparkInstallation,
} from '../harness/spark-lakehouse.ts';
import { type Fate, type SparkCall, startSparkProxy } from '../harness/spark-proxy.ts';
import { sparkIsInstalled } from '../harness/spark-server.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, TENANT } from '../int/lakehouse/contract.ts';

const PEOPLE = Array.from({ length: 1_200 }, (_, n): LakeValue[] => [BigInt(n), `person ${n}`]);
const UNAVAILABLE = { code: 'lakehouse.unavailable', retry: 'transient' };
const APPEND = { mode: 'append', keys: [] as string[] } as const;
const LIMITS = { maxRows: 100, timeoutMs: 60_000 };

describe.skipIf(!sparkIsInstalled())('loads into Spark', () => {
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

  /** A lakehouse whose first call that matches meets its fate; everything else passes. */
  async function doomed(path: SparkPath, call: string, statement: RegExp, fate: Fate) {
    let isSent = false;
    let isMet = false;
    const decide = ({ name, text }: SparkCall) => {
      isSent ||= name === 'ExecuteStatement' && statement.test(text);
      if (isMet || !isSent || name !== call) return 'pass';
      isMet = true;
      return fate;
    };
    const proxy = await startSparkProxy(spark.server().port, { decide });
    const through = spark.lakehouse(path, proxy.port);
    ends.push(through.close, proxy.close);
    return { through, isMet: () => isMet };
  }

  async function textOf(statement: string): Promise<unknown> {
    return (await plain.query(statement)).rows;
  }

  const snapshots = async (table: string) =>
    (await plain.query(`SELECT snapshot_id FROM ${NAMESPACE}.${table}.history`)).rows.length;

  async function expectNothingLeft() {
    expect(readdirSync(spark.stageFolder)).toEqual([]);
    expect(await textOf(`SHOW TABLES IN lake.ivory_meta LIKE 'rows_*'`)).toEqual([]);
  }

  const MOMENTS: [string, string, RegExp][] = [
    [
      'before the staging statement is heard',
      'ExecuteStatement',
      /(INSERT|MERGE) INTO (?!.{0,30}ivory_meta)/,
    ],
    ['while the batch is staged', 'GetOperationStatus', /(INSERT|MERGE) INTO (?!.{0,30}ivory_meta)/],
    ['at the look before publishing', 'ExecuteStatement', /REFRESH TABLE/],
    ['at the publication', 'ExecuteStatement', /cherrypick_snapshot/],
    ['while it is published', 'GetOperationStatus', /cherrypick_snapshot/],
    ['when the publication is fetched', 'FetchResults', /cherrypick_snapshot/],
  ];
  const CUTS = MOMENTS.flatMap(([moment, call, statement]) =>
    (['swallow', 'lose-answer'] as const).map((fate) => ({ moment, call, statement, fate })),
  );

  test.each(CUTS)('a connection cut $moment ($fate): the rows are those of one clean run', async (cut) => {
    const { through, isMet } = await doomed('parquet', cut.call, cut.statement, cut.fate);
    const mode = cut.fate === 'swallow' ? {} : APPEND;
    const spec = peopleBatch(mode);
    await loadRows(through, spec, PEOPLE).catch((error: unknown) => expect(error).toMatchObject(UNAVAILABLE));
    expect(isMet()).toBe(true);
    const seen = (await readRows(lakehouse, spec.table)).length;
    expect([0, PEOPLE.length]).toContain(seen);
    const done = await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId);
    if (!done) await loadRows(lakehouse, spec, PEOPLE);
    expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
    expect(await snapshots(spec.table)).toBe(1);
  });

  test.each(['append', 'upsert'] as const)(
    'an %s that two workers commit at once, the one believed dead, is there once',
    async (mode) => {
      const spec = peopleBatch(mode === 'append' ? APPEND : {});
      const other = spark.lakehouse('parquet');
      ends.push(other.close);
      const commits = await Promise.allSettled([
        loadRows(lakehouse, spec, PEOPLE),
        loadRows(other, spec, PEOPLE),
      ]);
      for (const commit of commits)
        if (commit.status === 'rejected') expect(commit.reason).toMatchObject(UNAVAILABLE);
      if (!(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)))
        await loadRows(lakehouse, spec, PEOPLE);
      expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
      expect(await snapshots(spec.table)).toBe(1);
    },
  );

  test.each(['append', 'upsert'] as const)(
    'a stranger who commits between the staging of an %s and its publication: both are there, once',
    async (mode) => {
      const spec = peopleBatch(mode === 'append' ? APPEND : {});
      await loadRows(lakehouse, spec, PEOPLE.slice(0, 10));
      let strangers = 0;
      const decide = async ({ name, text }: SparkCall): Promise<Fate> => {
        if (name !== 'ExecuteStatement' || !text.includes('cherrypick_snapshot') || strangers === 2)
          return 'pass';
        strangers += 1;
        await plain.execute(`INSERT INTO ${NAMESPACE}.${spec.table} VALUES (${-strangers}, 'stranger')`);
        return 'pass';
      };
      const proxy = await startSparkProxy(spark.server().port, { decide });
      const through = spark.lakehouse('parquet', proxy.port);
      ends.push(through.close, proxy.close);
      await loadRows(through, { ...spec, batchId: crypto.randomUUID() }, PEOPLE.slice(10));
      // an append is applied to the new state; an upsert is staged again, twice
      const tries = mode === 'append' ? 1 : 2;
      expect(strangers).toBe(tries);
      const theirs = [
        [-2n, 'stranger'],
        [-1n, 'stranger'],
      ].slice(2 - tries);
      expect(await readRows(lakehouse, spec.table)).toEqual([...theirs, ...PEOPLE]);
      expect(await snapshots(spec.table)).toBe(2 + tries);
    },
  );

  test('upserts of several workers into one table meanwhile others write to it: nothing is lost, nothing twice', async () => {
    const spec = peopleBatch();
    await lakehouse.ensureTable(spec);
    const workers = [lakehouse, spark.lakehouse('parquet'), spark.lakehouse('parquet')];
    for (const { close } of workers.slice(1)) ends.push(close);
    const part = (n: number) => PEOPLE.slice(n * 400, (n + 1) * 400);
    const strangers = async () => {
      for (let n = 0; n < 3; n++)
        await plain.execute(`INSERT INTO ${NAMESPACE}.${spec.table} VALUES (${-1 - n}, 'stranger')`);
    };
    await Promise.all([
      ...workers.map((worker, n) => loadRows(worker, { ...spec, batchId: crypto.randomUUID() }, part(n))),
      strangers(),
    ]);
    const rows = await readRows(lakehouse, spec.table);
    expect(rows).toEqual([...[-3n, -2n, -1n].map((id) => [id, 'stranger']), ...PEOPLE]);
  });

  describe('by statements, where nothing is shared', () => {
    test('rows, removals and the last word on a key come out as by files, in one snapshot, and nothing is left', async () => {
      const values = spark.lakehouse('values');
      ends.push(values.close);
      const spec = peopleBatch();
      await values.ensureTable(spec);
      const batch = await values.openBatch(spec);
      await batch.write(PEOPLE);
      await batch.remove([[1n], [2n]]);
      await batch.write([[2n, 'back']]);
      await batch.commit();
      const left = PEOPLE.filter(([id]) => id !== 1n).map(([id, name]) => [id, id === 2n ? 'back' : name]);
      expect(await readRows(values, spec.table)).toEqual(left);
      expect(await snapshots(spec.table)).toBe(1);
      await expectNothingLeft();
    });

    test.each(['swallow', 'lose-answer'] as const)(
      'a cut in the middle (%s) costs a retry and no row',
      async (fate) => {
        const { through } = await doomed('values', 'ExecuteStatement', /INSERT INTO .{0,30}ivory_meta/, fate);
        const spec = peopleBatch(APPEND);
        await expect(loadRows(through, spec, PEOPLE)).rejects.toMatchObject(UNAVAILABLE);
        expect(await readRows(lakehouse, spec.table)).toEqual([]);
        await loadRows(through, spec, PEOPLE);
        expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
        await expectNothingLeft();
      },
    );
  });

  test('staged files are removed after a commit, an abort and a refusal; a batch is one snapshot', async () => {
    const spec = peopleBatch(APPEND);
    await loadRows(lakehouse, spec, PEOPLE);
    expect(await snapshots(spec.table)).toBe(1);
    const aborted = await lakehouse.openBatch({ ...spec, batchId: crypto.randomUUID() });
    await aborted.write(PEOPLE);
    await aborted.abort();
    const missing = peopleBatch(APPEND);
    const refused = await lakehouse.openBatch(missing);
    await refused.write(PEOPLE);
    await expect(refused.commit()).rejects.toMatchObject({ code: 'lakehouse.refused' });
    await refused.abort();
    await expectNothingLeft();
  });

  test('a batch without rows is committed too', async () => {
    for (const spec of [peopleBatch(APPEND), peopleBatch()]) {
      expect(await loadRows(lakehouse, spec, [])).toMatchObject({ rowsLoaded: 0 });
      expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toMatchObject({
        rowsLoaded: 0,
      });
    }
  });

  test('files that Spark does not find are an error that says so, and never fewer rows', async () => {
    let isTaken = false;
    const decide = ({ name, text }: SparkCall): Fate => {
      if (name !== 'ExecuteStatement' || !text.includes('INSERT INTO')) return 'pass';
      isTaken = true;
      for (const entry of readdirSync(spark.stageFolder))
        rmSync(join(spark.stageFolder, entry), { recursive: true });
      return 'pass';
    };
    const proxy = await startSparkProxy(spark.server().port, { decide });
    const through = spark.lakehouse('parquet', proxy.port);
    ends.push(through.close, proxy.close);
    const spec = peopleBatch(APPEND);
    await expect(loadRows(through, spec, PEOPLE)).rejects.toMatchObject({
      code: 'lakehouse.stage_unreadable',
    });
    expect(isTaken).toBe(true);
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
  });

  test('columns are widened where Iceberg can, and refused where it cannot', async () => {
    const columns = (...kinds: LakeColumn['type'][]): LakeColumn[] =>
      kinds.map((type, n) => ({ name: `c${n}`, type }));
    const decimal = (precision: number, scale: number) => ({ kind: 'decimal', precision, scale }) as const;
    const narrow: BatchSpec = { ...peopleBatch(APPEND), columns: columns({ kind: 'int' }, decimal(10, 2)) };
    await loadRows(lakehouse, narrow, [[1n, '1.25']]);
    const wide = {
      ...narrow,
      batchId: crypto.randomUUID(),
      columns: columns({ kind: 'long' }, decimal(30, 2)),
    };
    await loadRows(lakehouse, wide, [[2n ** 62n, '123456789012345678901234567.25']]);
    expect(await readRows(lakehouse, narrow.table, '1')).toEqual([
      [1n, '1.25'],
      [2n ** 62n, '123456789012345678901234567.25'],
    ]);
    const other = { ...narrow, columns: columns({ kind: 'double' }, decimal(30, 4)) };
    await expect(lakehouse.ensureTable(other)).rejects.toMatchObject({
      code: 'lakehouse.type_conflict',
      errors: [{ field: 'c0' }, { field: 'c1' }],
    });
  });

  test('two columns Spark cannot tell apart are refused; one that differs by capitals from an existing one is that one', async () => {
    const type = { kind: 'string' } as const;
    const twins = peopleBatch({ ...APPEND, columns: ['Name', 'NAME'].map((name) => ({ name, type })) });
    await expect(lakehouse.ensureTable(twins)).rejects.toMatchObject({ code: 'lakehouse.columns_collide' });
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, [[1n, 'a']]);
    const louder = spec.columns.map(({ name, type: kept }) => ({ name: name.toUpperCase(), type: kept }));
    await loadRows(lakehouse, { ...peopleBatch(), table: spec.table, columns: louder, keys: ['ID'] }, [
      [1n, 'b'],
    ]);
    expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'b']]);
  });

  test("somebody else's table is made fit, unless its keys repeat or it is no Iceberg table", async () => {
    const spec = peopleBatch();
    const name = `${NAMESPACE}.${spec.table}`;
    await plain.execute(`CREATE TABLE ${name} (id BIGINT, name STRING) USING iceberg`);
    await plain.execute(`INSERT INTO ${name} VALUES (1, 'theirs'), (1, 'theirs')`);
    await expect(lakehouse.ensureTable(spec)).rejects.toMatchObject({ code: 'lakehouse.keys_not_unique' });
    await plain.execute(`DELETE FROM ${name}`);
    await loadRows(lakehouse, spec, [[1n, 'ours']]);
    expect(await readRows(lakehouse, spec.table)).toEqual([[1n, 'ours']]);
    expect(await snapshots(spec.table)).toBe(3);
  });

  test('a namespace that holds tables already is nobody’s to take', async () => {
    await plain.execute('CREATE TABLE lake.old_times.t (id BIGINT) USING iceberg');
    for (const namespace of ['old_times', 'ivory_meta'])
      await expect(lakehouse.provision(TENANT, namespace)).rejects.toMatchObject({
        code: 'lakehouse.namespace_taken',
      });
  });

  test('a query gets nested values as JSON, types as they are, and no setting of the server', async () => {
    const statement =
      // biome-ignore lint/suspicious/noTemplateCurlyInString: what Spark would replace
      "select named_struct('a', 'x\"y', 'b', array(1, null)) as s, map('k', 1.5) m, 1 as i, 2.5D as d, date'2024-01-02' as day, timestamp'2024-01-02 03:04:05Z' as at, timestamp_ntz'2024-01-02 03:04:05' as wall, '${spark.app.id}' as text, null as nothing order by 1;";
    expect(await lakehouse.query(TENANT, NAMESPACE, statement, LIMITS)).toEqual({
      columns: ['s', 'm', 'i', 'd', 'day', 'at', 'wall', 'text', 'nothing'],
      rows: [
        [
          '{"a":"x\\"y","b":[1,null]}',
          '{"k":1.5}',
          1n,
          2.5,
          '2024-01-02',
          '2024-01-02T03:04:05Z',
          '2024-01-02T03:04:05',
          // biome-ignore lint/suspicious/noTemplateCurlyInString: what Spark would replace
          '${spark.app.id}',
          null,
        ],
      ],
      truncated: false,
    });
  });

  test('a commit is found when its snapshot is not the current one any more, and not when it was undone', async () => {
    const spec = peopleBatch(APPEND);
    const first = await loadRows(lakehouse, spec, PEOPLE);
    const later = { ...spec, batchId: crypto.randomUUID() };
    await loadRows(lakehouse, later, [[9_999n, 'later']]);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toEqual(first);
    const [[id] = []] = (
      await plain.query(`SELECT MIN_BY(snapshot_id, made_current_at) FROM ${NAMESPACE}.${spec.table}.history`)
    ).rows;
    await plain.execute(`CALL lake.system.rollback_to_snapshot('${NAMESPACE}.${spec.table}', ${id})`);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, later.batchId)).toBeNull();
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toEqual(first);
  });
});
