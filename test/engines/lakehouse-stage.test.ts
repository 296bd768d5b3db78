import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSparkClient,
  type SparkClient,
} from '../../src/adapters/lakehouse/spark/client/spark-client.ts';
import { parseSparkUrl } from '../../src/adapters/lakehouse/spark/client/spark-url.ts';
import { createStage } from '../../src/adapters/lakehouse/stage/stage.ts';
import { createLog } from '../../src/log.ts';
import { type S3Server, s3aSettings, s3IsInstalled, startS3Server } from '../harness/s3-server.ts';
import { type SparkServer, sparkIsInstalled, startSparkServer } from '../harness/spark-server.ts';
import { sparkRows, sparkTypes, stagedColumns, stagedRows } from '../harness/staged-values.ts';

const KEY = { tenantId: 'Acme & Sons', batchId: '2ed6657d-e927-568b-95e1-2665a8aea6a2' };

describe.skipIf(!sparkIsInstalled() || !s3IsInstalled())('staged files in Spark', () => {
  let server: SparkServer;
  let s3: S3Server;
  let client: SparkClient;
  const folder = mkdtempSync(join(tmpdir(), 'ivory stage '));

  async function readBack(urls: readonly string[]) {
    const selection = urls.map((url) => `SELECT * FROM parquet.\`${url}\``).join(' UNION ALL ');
    // the names in an answer's own header do not tell timestamp_ntz from timestamp
    const types = await client.query(`DESCRIBE QUERY ${selection}`);
    const read = await client.query(`${selection} ORDER BY c${stagedColumns.length - 1}`);
    return { types: types.rows.map(([, type]) => type), rows: read.rows };
  }

  beforeAll(async () => {
    s3 = await startS3Server({ isStrict: false });
    // the setting under which files without the mark of a newer writer would come back with other days
    const rebase = { 'spark.sql.parquet.datetimeRebaseModeInRead': 'LEGACY' };
    server = await startSparkServer({ conf: { ...s3aSettings(s3), ...rebase } });
    const log = createLog({ level: 'silent', pretty: false, role: 'test' });
    client = createSparkClient({ endpoint: parseSparkUrl(server.url), log });
  });

  afterAll(async () => {
    await client?.close();
    await server?.stop();
    await s3?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each([
    ['a folder', () => pathToFileURL(folder).href],
    ['a bucket', () => `s3://${s3.bucket}/stage of/ivory`],
  ])('every value of every type is read from %s as it was written', async (_, url) => {
    const stage = createStage(url(), { s3: s3.options, limits: { rows: 3 } });
    const writer = await stage.open(stagedColumns, KEY);
    await writer.write(stagedRows);
    const { urls, rows } = await writer.finish();
    expect([urls.length, rows]).toEqual([Math.ceil(stagedRows.length / 3), stagedRows.length]);
    expect(await readBack(urls)).toEqual({ types: sparkTypes, rows: sparkRows });
    await writer.discard();
    await expect(readBack(urls)).rejects.toThrow(/PATH_NOT_FOUND/);
    await stage.close();
  });
});
