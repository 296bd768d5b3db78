import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSparkLakehouse } from '../../src/adapters/lakehouse/spark/spark.ts';
import { createStage } from '../../src/adapters/lakehouse/stage/stage.ts';
import type { LakeValue } from '../../src/domain/lake-type.ts';
import { createLog } from '../../src/log.ts';
import type { Lakehouse } from '../../src/ports/lakehouse.ts';
import { type S3Server, s3aSettings, s3IsInstalled, startS3Server } from '../harness/s3-server.ts';
import { type SparkServer, sparkIsInstalled, startSparkServer } from '../harness/spark-server.ts';
import { loadRows, NAMESPACE, peopleBatch, readRows, TENANT } from '../int/lakehouse/contract.ts';

const PEOPLE = Array.from({ length: 2_500 }, (_, n): LakeValue[] => [BigInt(n), `person ${n}`]);
const APPEND = { mode: 'append', keys: [] as string[] } as const;
/** So that a load is more than one file. */
const PART_ROWS = 1_000;
const MONTH_MS = 30 * 86_400_000;

describe.skipIf(!sparkIsInstalled() || !s3IsInstalled())('loads into Spark by a bucket', () => {
  let s3: S3Server;
  let spark: SparkServer;
  let lakehouse: Lakehouse;

  beforeAll(async () => {
    s3 = await startS3Server({ isStrict: false });
    spark = await startSparkServer({ conf: s3aSettings(s3) });
    lakehouse = openLakehouse();
    await lakehouse.provision(TENANT, NAMESPACE);
  });
  afterAll(async () => {
    await lakehouse?.close();
    await spark?.stop();
    await s3?.stop();
  });

  function openLakehouse(now = () => new Date()): Lakehouse {
    const options = { s3: s3.options, limits: { rows: PART_ROWS }, now };
    const stage = createStage(`s3://${s3.bucket}/ivory stage`, options);
    const log = createLog({ level: 'silent', pretty: false, role: 'test' });
    return createSparkLakehouse({ url: spark.url, stage, log, now });
  }

  const staged = async () => (await Array.fromAsync(s3.client.objects(''))).map(({ key }) => key);

  test('an append of several files is one snapshot, found by its batch, and nothing of it stays in the bucket', async () => {
    const spec = peopleBatch(APPEND);
    const committed = await loadRows(lakehouse, spec, PEOPLE);
    expect(committed.rowsLoaded).toBe(PEOPLE.length);
    expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
    expect(await lakehouse.findCommit(NAMESPACE, spec.table, spec.batchId)).toEqual(committed);
    expect(await loadRows(lakehouse, spec, PEOPLE)).toEqual(committed);
    expect(await readRows(lakehouse, spec.table)).toEqual(PEOPLE);
    expect(await staged()).toEqual([]);
  });

  test('an upsert brings, replaces and removes rows', async () => {
    const spec = peopleBatch();
    await loadRows(lakehouse, spec, PEOPLE);
    const batch = await lakehouse.openBatch({ ...spec, batchId: crypto.randomUUID() });
    await batch.write([
      [0n, 'renamed'],
      [9_999n, 'new'],
    ]);
    await batch.remove(PEOPLE.slice(1, 1_500).map(([id]) => [id ?? null]));
    await batch.commit();
    await batch.abort();
    const wanted = [[0n, 'renamed'], ...PEOPLE.slice(1_500), [9_999n, 'new']];
    expect(await readRows(lakehouse, spec.table)).toEqual(wanted);
    expect(await staged()).toEqual([]);
  });

  test('an aborted load leaves no rows and no files', async () => {
    const spec = peopleBatch(APPEND);
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(PEOPLE);
    expect((await staged()).length).toBeGreaterThan(0);
    await batch.abort();
    expect([await readRows(lakehouse, spec.table), await staged()]).toEqual([[], []]);
  });

  test('an object that is gone is an error that says so, and never fewer rows', async () => {
    const spec = peopleBatch(APPEND);
    await lakehouse.ensureTable(spec);
    const batch = await lakehouse.openBatch(spec);
    await batch.write(PEOPLE);
    const [first = ''] = await staged();
    await s3.client.remove(first);
    await expect(batch.commit()).rejects.toMatchObject({ code: 'lakehouse.stage_unreadable' });
    await batch.abort();
    expect(await readRows(lakehouse, spec.table)).toEqual([]);
  });

  test('what a crashed load left is swept when another begins a month later, or a table is cared for', async () => {
    const spec = peopleBatch(APPEND);
    await lakehouse.ensureTable(spec);
    await (await lakehouse.openBatch(spec)).write(PEOPLE);
    const left = await staged();
    expect(left.length).toBeGreaterThan(0);
    const later = openLakehouse(() => new Date(Date.now() + MONTH_MS));
    const abandoned = await later.openBatch(spec);
    await abandoned.abort();
    await later.close();
    expect(await staged()).toEqual([]);
  });
});
