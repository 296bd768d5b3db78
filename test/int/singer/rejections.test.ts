import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Pool, Sql } from '../../../src/db/client.ts';
import type { RefusedRecord } from '../../../src/domain/refused-record.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { loadLines, recordMessage, schemaMessage } from './load-lines.ts';

let test: TestDatabase;
let sql: Sql;
let pool: Pool;
beforeAll(async () => {
  test = await createTestDatabase();
  ({ sql, pool } = test.database);
});
beforeEach(() => sql`drop schema if exists staging cascade`);
afterAll(() => test.close());

const head = schemaMessage(
  'things',
  {
    id: { type: 'string' },
    at: { type: 'string', format: 'date-time' },
    day: { type: 'string', format: 'date' },
    who: { type: 'string', format: 'uuid' },
    price: { type: 'string', format: 'x-singer.decimal', precision: 6, scale: 2 },
    tags: { type: 'array', items: { type: 'string' } },
    doc: { type: ['object', 'array'] },
    kind: { enum: ['a', 'b'] },
  },
  ['id'],
);

async function loadAll(messages: object[] | string) {
  const refused: RefusedRecord[] = [];
  const result = await loadLines(pool, messages, { hooks: { onRejected: (record) => refused.push(record) } });
  return { result, refused };
}

it.each<[string, string | null, Record<string, unknown>]>([
  ['a key that is missing', 'id', {}],
  ['a key that is null', 'id', { id: null }],
  ['a key no index can hold', 'id', { id: randomBytes(2000).toString('hex') }],
  ['a value of another type', 'tags', { id: 'x', tags: 'one' }],
  ['a value outside the choice', 'kind', { id: 'x', kind: 'c' }],
  ['a day that does not exist', 'day', { id: 'x', day: '2024-02-30' }],
  ['a time no database knows', 'at', { id: 'x', at: 'the day before' }],
  ['a time only the database can judge', 'at', { id: 'x', at: '2024/02/30 10:00' }],
  ['a time in a zone by its name', 'at', { id: 'x', at: '2024-01-01T00:00:00 America/New_York' }],
  ['an id that is no uuid', 'who', { id: 'x', who: '123' }],
  ['a decimal too large for its column', 'price', { id: 'x', price: '10000.00' }],
  ['a decimal that rounds to one too large', 'price', { id: 'x', price: '9999.999' }],
])('%s costs its own record, in a new table and in one with rows', async (_what, field, bad) => {
  const good = (id: string) => recordMessage('things', { id, kind: 'a' });
  for (const _load of ['new', 'with rows']) {
    const { result, refused } = await loadAll([head, good('1'), recordMessage('things', bad), good('2')]);
    expect(result).toMatchObject({ rows: 2, rejected: 1, streams: { things: { rows: 2, rejected: 1 } } });
    expect(refused).toMatchObject([{ stream: 'things', line: 3, field }]);
    expect(Object.keys(refused[0]?.values() ?? {})).toEqual(expect.arrayContaining(Object.keys(bad)));
    expect(await sql`select id from staging.things order by id`).toMatchObject([{ id: '1' }, { id: '2' }]);
  }
});

it.each([7_000, 100_000])('a record nested %i deep costs no more than itself', async (depth) => {
  const line = (doc: string) =>
    `{"type":"RECORD","stream":"things","record":{"id":"${doc.length}","doc":${doc}}}\n`;
  const deep = '['.repeat(depth) + ']'.repeat(depth);
  const { result, refused } = await loadAll(
    `${JSON.stringify(head)}\n${line('[]')}${line(deep)}${line('[1]')}`,
  );
  expect(result.rows + refused.length).toBe(3);
  expect(refused.filter(({ line }) => line !== 3)).toEqual([]);
  for (const { values } of refused) expect(Object.keys(values())).toContain('doc');
});

it.each<[string, object[]]>([
  ['a record before its schema', [recordMessage('things', { id: '1' })]],
  ['a record that is no object', [head, { type: 'RECORD', stream: 'things', record: 5 }]],
  ['a message of no known type', [head, { type: 'RECORDS', stream: 'things' }]],
])('%s is no matter of one record: it fails the load', async (_what, messages) => {
  await expect(loadAll(messages)).rejects.toMatchObject({ code: expect.stringMatching(/^singer\./) });
});

it('what a record is told to be is short, whatever came', async () => {
  const wide = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`c${n}`, 'x'.repeat(300)]));
  const { refused } = await loadAll([head, recordMessage('things', { ...wide, day: 'y'.repeat(5000) })]);
  expect(JSON.stringify(refused[0]?.values()).length).toBeLessThan(20_000);
});

it('without a taker a record that cannot be stored fails the load, as it fails target-postgres', async () => {
  const bad = recordMessage('things', { id: '1', kind: 'c' });
  await expect(loadLines(pool, [head, bad])).rejects.toMatchObject({ code: 'singer.record_invalid' });
});
