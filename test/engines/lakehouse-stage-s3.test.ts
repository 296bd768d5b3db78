import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStage, type Stage, type StageOptions } from '../../src/adapters/lakehouse/stage/stage.ts';
import type { LakeColumn } from '../../src/ports/lakehouse.ts';
import { type S3Server, s3IsInstalled, startS3Server } from '../harness/s3-server.ts';

const KEY = { tenantId: 'acme', batchId: '2ed6657d-e927-568b-95e1-2665a8aea6a2' };
const COLUMNS: LakeColumn[] = [{ name: 'noise', type: { kind: 'binary' } }];
const MEBIBYTE = 1024 * 1024;
const HOUR_MS = 3_600_000;

describe.skipIf(!s3IsInstalled())('a stage in a bucket', () => {
  let server: S3Server;
  let stage: Stage;

  beforeAll(async () => {
    server = await startS3Server();
    stage = openStage();
  });
  afterEach(async () => {
    for await (const { key } of server.client.objects('')) await server.client.remove(key);
    for await (const upload of server.client.uploads('')) await server.client.abortUpload(upload);
  });
  afterAll(async () => {
    await stage?.close();
    await server?.stop();
  });

  function openStage(options: StageOptions = {}, bucket = server.bucket): Stage {
    return createStage(`s3://${bucket}/some where/stage`, { s3: server.options, ...options });
  }

  /** More than the upload of one piece, so that it goes in several. */
  async function writeMuch(to: Stage, key = KEY) {
    const writer = await to.open(COLUMNS, key);
    // what a row group holds is sent when it ends, after 32 MiB
    for (let n = 0; n < 40; n++) await writer.write([[randomBytes(MEBIBYTE)]]);
    return writer;
  }

  const objects = async () => (await Array.fromAsync(server.client.objects(''))).map(({ key }) => key);
  const uploads = () => Array.fromAsync(server.client.uploads(''));
  const keyOf = (url: string) => url.slice(`s3a://${server.bucket}/`.length);

  test('a large file goes in pieces, and is there as a whole or not at all', async () => {
    const writer = await writeMuch(stage);
    expect([await objects(), (await uploads()).length]).toEqual([[], 1]);
    const { urls, rows } = await writer.finish();
    expect([await objects(), await uploads(), rows]).toEqual([urls.map(keyOf), [], 40]);
    await writer.discard();
    await writer.discard();
    expect(await objects()).toEqual([]);
  });

  test('a small file goes in one piece, under the stage’s prefix', async () => {
    const writer = await stage.open(COLUMNS, KEY);
    await writer.write([[randomBytes(10)]]);
    const { urls } = await writer.finish();
    expect(await objects()).toEqual(urls.map(keyOf));
    expect(urls[0]).toMatch(
      /^s3a:\/\/ivory-stage\/some where\/stage\/acme-\w+\/[\w-]+\/[\w-]+\/part-0000\.parquet$/,
    );
  });

  test('discard half-way leaves neither objects nor uploads', async () => {
    const parts = openStage({ limits: { rows: 36 } });
    const writer = await writeMuch(parts);
    expect(await objects()).toHaveLength(1);
    await writer.discard();
    expect([await objects(), await uploads()]).toEqual([[], []]);
    await parts.close();
  });

  test('discard removes nothing of another try, batch or tenant', async () => {
    const others = [KEY, { ...KEY, batchId: 'b' }, { ...KEY, tenantId: 'other' }];
    const kept: string[] = [];
    for (const key of others) {
      const writer = await stage.open(COLUMNS, key);
      await writer.write([[randomBytes(10)]]);
      kept.push(...(await writer.finish()).urls);
    }
    const going = await writeMuch(stage, { ...KEY, tenantId: 'third' });
    await (await writeMuch(stage)).discard();
    expect((await objects()).sort()).toEqual(kept.map(keyOf).sort());
    expect(await uploads()).toHaveLength(1);
    await going.discard();
  });

  test('a sweep removes what crashed workers left, finished or not, and nothing that is younger', async () => {
    const inThreeHours = openStage({ now: () => new Date(Date.now() + 3 * HOUR_MS) });
    await (await writeMuch(stage)).finish();
    await writeMuch(stage, { ...KEY, tenantId: 'other' });
    expect([await stage.sweep(2 * HOUR_MS), await inThreeHours.sweep(4 * HOUR_MS)]).toEqual([0, 0]);
    expect([(await objects()).length, (await uploads()).length]).toEqual([1, 1]);
    expect(await inThreeHours.sweep(2 * HOUR_MS)).toBe(2);
    expect([await objects(), await uploads()]).toEqual([[], []]);
    await inThreeHours.close();
  });

  test('a sweep leaves alone what is not of this stage', async () => {
    const strange = ['part-0000.parquet', 'other/a/b/300011f2-1fcb-43e0-a008-35527d6bf874/part-0000.parquet'];
    const { signal } = new AbortController();
    for (const key of [...strange, 'some where/stage/notes.txt'])
      await server.client.put(key, Buffer.from('x'), signal);
    const later = openStage({ now: () => new Date(Date.now() + HOUR_MS) });
    expect(await later.sweep(0)).toBe(0);
    expect(await objects()).toHaveLength(3);
    await later.close();
  });

  test.each([
    ['a wrong key', { secretAccessKey: 'wrong' }, 'SignatureDoesNotMatch'],
    ['an unknown user', { accessKeyId: 'unknown' }, 'InvalidAccessKeyId'],
  ])('%s is refused, by name', async (_, wrong, name) => {
    const refused = openStage({ s3: { ...server.options, ...wrong } });
    const writer = await refused.open(COLUMNS, KEY);
    await writer.write([[randomBytes(10)]]);
    await expect(writer.finish()).rejects.toMatchObject({
      code: 'lakehouse.stage_refused',
      retry: 'terminal',
      message: expect.stringContaining(name),
    });
    await refused.close();
  });

  test('a bucket that does not exist is refused, by name', async () => {
    const nowhere = openStage({}, 'no-such-bucket');
    const writer = await nowhere.open(COLUMNS, KEY);
    await writer.write([[randomBytes(10)]]);
    await expect(writer.finish()).rejects.toMatchObject({
      code: 'lakehouse.stage_refused',
      message: expect.stringContaining('NoSuchBucket'),
    });
    await nowhere.close();
  });
});
