import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';
import { loadLines, recordMessage, schemaMessage } from './load-lines.ts';

const ROWS = 200_000;
const PIECE_BYTES = 64 * 1024;

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

function* pieces(record: (id: number) => object): Generator<Buffer> {
  let text = `${JSON.stringify(schemaMessage('r', { id: { type: 'integer' }, t: { type: 'string' }, o: {} }, ['id']))}\n`;
  for (let id = 0; id < ROWS; id += 1) {
    text += `${JSON.stringify(recordMessage('r', record(id)))}\n`;
    if (text.length < PIECE_BYTES) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

/** The most the thread computed between two turns of a timer: time it had to wait for a processor does not count. */
function watchThread() {
  let since = process.threadCpuUsage();
  let worstMs = 0;
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(since);
    worstMs = Math.max(worstMs, (user + system) / 1000);
    since = process.threadCpuUsage();
  }, 1);
  return () => {
    clearInterval(timer);
    return worstMs;
  };
}

it.each([
  ['alike', (id: number) => ({ id, t: 'text' })],
  [
    'nested and of changing shape',
    (id: number) => ({ ...(id % 2 && { o: { a: [id] } }), id, t: `a\n${id}` }),
  ],
])(
  'the event loop is never kept for 50 ms while 200,000 lines are loaded: %s',
  async (_what, record) => {
    const settings = { targetSchema: 'staging' };
    await loadLines(test.database.pool, [...pieces(record)].slice(0, 2).values(), { settings });
    const stop = watchThread();
    const { rows } = await loadLines(test.database.pool, pieces(record), { settings });
    const worstMs = stop();
    expect(rows).toBe(ROWS);
    expect(worstMs).toBeLessThan(50);
  },
  120_000,
);

function* longLine(sizeBytes: number): Generator<Buffer> {
  yield Buffer.from(
    `${JSON.stringify(schemaMessage('r', { id: { type: 'integer' }, t: { type: 'string' }, o: {} }, ['id']))}\n`,
  );
  yield Buffer.from('{"type":"RECORD","stream":"r","record":{"id":1,"o":[');
  const item = Buffer.from(`{"n":1.10,"text":"a \\"quoted\\" ü"},`.repeat(2000));
  for (let at = 0; at < sizeBytes; at += item.length) yield item;
  yield Buffer.from('{}]}}\n{"type":"RECORD","stream":"r","record":{"id":2}}\n');
}

it('a line of 24 MB does not keep the event loop for 100 ms', async () => {
  const settings = { targetSchema: 'long' };
  await loadLines(test.database.pool, longLine(2_000_000), { settings });
  const stop = watchThread();
  const { rows } = await loadLines(test.database.pool, longLine(24_000_000), { settings });
  const worstMs = stop();
  expect(rows).toBe(2);
  expect(worstMs).toBeLessThan(100);
  const [row] = await test.database.sql`
    select count(*)::int as items, bool_and(each->>'n' = '1.10' or each = '{}') as lossless
    from long.r, jsonb_array_elements(o::jsonb) each where id = 1`;
  expect(row).toMatchObject({ items: expect.any(Number), lossless: true });
  expect(row?.['items']).toBeGreaterThan(500_000);
}, 120_000);
