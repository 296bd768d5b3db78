import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { RefusedRecord } from '../../../src/domain/refused-record.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { columnsOf, loadLines, recordMessage, schemaMessage } from './load-lines.ts';

const LONG = 'x'.repeat(1_500_000);
const fields = { id: { type: 'integer' }, n: { type: 'integer' }, t: { type: ['null', 'string'] } };
const head = schemaMessage('r', fields, ['id']);
const long = (record: object, stream = 'r') => recordMessage(stream, { t: LONG, ...record });

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
beforeEach(() => test.database.sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

function rows() {
  return test.database.sql`select id::int, n::text, length(t) as length from staging.r order by id`;
}

it('among short ones they keep their place: the last of a key wins', async () => {
  const messages = [
    head,
    recordMessage('r', { id: 1, t: 'short' }),
    long({ id: 1 }),
    long({ id: 2 }),
    recordMessage('r', { id: 2, t: 'short' }),
    { type: 'STATE', value: { long: LONG, id: 2 } },
  ];
  const result = await loadLines(test.database.pool, messages);
  expect(result.rows).toBe(4);
  expect(JSON.parse(result.state ?? '')).toEqual({ long: LONG, id: 2 });
  expect(await rows()).toMatchObject([
    { id: 1, length: LONG.length },
    { id: 2, length: 5 },
  ]);
});

it('widen a column, name a new schema, and keep every digit and every character', async () => {
  const text = `${LONG}\0\t\\N\ud800ü😀`;
  const result = await loadLines(test.database.pool, [
    head,
    long({ id: 1, n: 1 }),
    JSON.parse(`{"type":"RECORD","stream":"r","record":{"id":2,"t":"${LONG}","n":0}}`),
    schemaMessage('r', { ...fields, more: { type: 'string', description: LONG } }, ['id']),
    recordMessage('r', { id: 3, t: text, more: 'yes' }),
  ]);
  expect(result.rows).toBe(3);
  const raw = `${JSON.stringify(head)}\n{"type":"RECORD","stream":"r","record":{"id":4,"t":"${LONG}","n":12345678901234567890123}}\n`;
  await loadLines(test.database.pool, raw);
  expect(await columnsOf(test.database.sql, 'r')).toMatchObject({ n: 'numeric', more: 'text' });
  const [third] = await test.database.sql`select t from staging.r where id = 3`;
  expect(third?.['t'] === `${LONG}\ufffd\t\\N\ufffdü😀`).toBe(true);
  expect((await rows()).at(-1)).toMatchObject({ id: 4, n: '12345678901234567890123' });
});

it('that cannot be stored are refused by themselves, what is told of them is short', async () => {
  const refused: RefusedRecord[] = [];
  const warnings: string[] = [];
  const messages = [
    head,
    long({ id: null }),
    long({ id: 1, n: 'x' }),
    long({ id: 2, odd: true }),
    long({ id: 3 }),
  ];
  const { rejected } = await loadLines(test.database.pool, messages, {
    hooks: { onRejected: (record) => refused.push(record), onWarning: (text) => warnings.push(text) },
  });
  expect(rejected).toBe(2);
  expect(refused).toMatchObject([
    { stream: 'r', line: 2, field: 'id', code: 'singer.record_missing_key' },
    { stream: 'r', line: 3, field: 'n', code: 'singer.record_invalid' },
  ]);
  for (const { values } of refused) expect(JSON.stringify(values()).length).toBeLessThan(3000);
  expect(warnings).toEqual([expect.stringContaining('"odd"')]);
  expect(await rows()).toMatchObject([{ id: 2 }, { id: 3 }]);
});

it.each<[string, string, object | string]>([
  ['singer.record_before_schema', 'Line 2 of stream "other"', long({ id: 1 }, 'other')],
  ['singer.record_missing_key', 'Line 2 of stream "r"', long({})],
  ['singer.invalid_message', 'Line 2', `{"type":"RECORD","stream":"r","record":{"t":"${LONG}"}`],
])('%s names line and stream', async (code, place, message) => {
  const line = typeof message === 'string' ? message : JSON.stringify(message);
  await expect(loadLines(test.database.pool, `${JSON.stringify(head)}\n${line}\n`)).rejects.toMatchObject({
    code,
    message: expect.stringContaining(place),
  });
});

it('come from batch files too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ivory-long-'));
  try {
    await writeFile(join(folder, 'a.jsonl'), `{"id":1}\n${JSON.stringify({ id: 2, t: LONG })}\n{"id":3}\n`);
    const batch = { type: 'BATCH', stream: 'r', encoding: { format: 'jsonl' }, manifest: ['a.jsonl'] };
    const { rows: loaded } = await loadLines(test.database.pool, [head, batch], {
      settings: { batchFolder: folder },
    });
    expect(loaded).toBe(3);
    expect(await rows()).toMatchObject([{ id: 1 }, { id: 2, length: LONG.length }, { id: 3 }]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('an abort while one is parsed ends the load', async () => {
  const stop = new AbortController();
  async function* source() {
    yield Buffer.from(`${JSON.stringify(head)}\n{"type":"RECORD","stream":"r","record":{"id":1,"t":"`);
    for (let n = 0; n < 60; n += 1) yield Buffer.alloc(1_000_000, 'y');
    yield Buffer.from('"}}\n');
    stop.abort(new Error('enough'));
    yield Buffer.from('{}');
  }
  await expect(loadLines(test.database.pool, source(), { signal: stop.signal })).rejects.toThrow('enough');
  expect(
    await test.database
      .sql`select 1 from pg_stat_activity where datname = current_database() and state like 'idle in%'`,
  ).toHaveLength(0);
});
