import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { loadLines, recordMessage, schemaMessage } from './load-lines.ts';

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
let folder: string;
let batchFolder: string;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
  folder = await mkdtemp(join(tmpdir(), 'ivory-batch-'));
  batchFolder = join(folder, 'batches');
  await mkdir(batchFolder);
  await writeFile(join(folder, 'outside.jsonl'), '{"id":666}\n');
  await symlink(join(folder, 'outside.jsonl'), join(batchFolder, 'link.jsonl'));
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true });
});

const head = schemaMessage('b', { id: { type: 'integer' }, t: { type: ['null', 'string'] } }, ['id']);
const state = { type: 'STATE', value: { done: true } };

function batch(manifest: string[], compression: string | null = null, format = 'jsonl'): object {
  return { type: 'BATCH', stream: 'b', encoding: { format, ...(compression && { compression }) }, manifest };
}

async function file(name: string, content: string | Buffer): Promise<string> {
  await writeFile(join(batchFolder, name), content);
  return pathToFileURL(join(batchFolder, name)).href;
}

function load(...messages: object[]) {
  return loadLines(pool, [head, ...messages], { settings: { batchFolder, batchSizeRows: 40 } });
}

async function ids(): Promise<number[]> {
  const rows = await sql`select id::int from staging.b order by id`;
  return rows.map((row) => row['id']);
}

describe('BATCH messages', () => {
  it('plain and gzip files are loaded in order with the records around them; the last of a key wins', async () => {
    const many = Array.from({ length: 100 }, (_each, id) => `{"id": ${id}, "t": "ü"}\n`).join('');
    const plain = await file('a.jsonl', many);
    const packed = await file('b.jsonl.gz', gzipSync('{"id":5,"t":"packed"}\n\n{"id":100,"t":null}'));
    const result = await load(
      recordMessage('b', { id: 5, t: 'first' }),
      batch([plain]),
      batch([packed, 'b.jsonl.gz'], 'gzip'),
      state,
    );
    expect(result).toMatchObject({ rows: 105, state: '{"done":true}' });
    expect(await ids()).toEqual(Array.from({ length: 101 }, (_each, id) => id));
    expect(await sql`select t from staging.b where id = 5`).toMatchObject([{ t: 'packed' }]);
  });

  it.each([
    ['a file outside', () => pathToFileURL(join(folder, 'outside.jsonl')).href],
    ['a path that climbs out', () => '../outside.jsonl'],
    ['a relative url that climbs out', () => 'file://../outside.jsonl'],
    ['a link that leads out', () => 'link.jsonl'],
    ['the folder itself', () => '.'],
  ])('%s is refused', async (_what, name) => {
    await expect(load(batch([name()]), state)).rejects.toMatchObject({ code: 'singer.batch_outside' });
    expect(await ids()).toEqual([]);
  });

  it('without a folder, or in another format, they are refused', async () => {
    const plain = await file('c.jsonl', '{"id":1}\n');
    await expect(loadLines(pool, [head, batch([plain])])).rejects.toMatchObject({
      code: 'singer.batch_unsupported',
    });
    await expect(load(batch([plain], null, 'parquet'))).rejects.toMatchObject({
      code: 'singer.batch_unsupported',
    });
  });

  it('a file that is missing, broken or no list of records fails the load, and no state after it is told', async () => {
    const states: string[] = [];
    const broken = await file('d.jsonl.gz', gzipSync('{"id":1}\n{"id":2}\n').subarray(0, 20));
    const injected = await file('e.jsonl', '{"id":1},"type":"STATE","value":{"lie":1}\n');
    const cases = [
      { message: batch(['nowhere.jsonl']), code: 'singer.batch_unreadable' },
      { message: batch([broken], 'gzip'), code: 'singer.batch_unreadable' },
      { message: batch([injected]), code: 'singer.invalid_message' },
    ];
    for (const { message, code } of cases) {
      const loading = loadLines(pool, [head, message, state], {
        settings: { batchFolder },
        hooks: { onState: (told) => void states.push(told) },
      });
      await expect(loading).rejects.toMatchObject({ code });
    }
    expect(states).toEqual([]);
  });

  it('a bad line is named by its file and its place there, whatever is wrong with it', async () => {
    const bad = ['{"id":', '[]', '{"id":"x"}', `{"id":1,"t":"${'x'.repeat(2 ** 21)}"`];
    for (const [at, line] of bad.entries()) {
      const name = `bad${at}.jsonl`;
      await file(name, `{"id":1}\n{"id":2}\n${line}\n`);
      const message = expect.stringMatching(
        new RegExp(`^Line 2 of stream "b": batch file ${name}: Line 3\\b`),
      );
      await expect(load(batch([name]))).rejects.toMatchObject({ message });
    }
  });

  it('files of a store elsewhere are not supported, rather than missing', async () => {
    const failure = await load(batch(['s3://bucket/a.jsonl'])).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'singer.batch_unsupported',
      message: expect.stringContaining('s3://'),
    });
  });
});
