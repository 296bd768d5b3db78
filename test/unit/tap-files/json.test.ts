import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createJsonSplitter } from '../../../src/singer/tap-files/json-splitter.ts';
import { runTap, temporaryFolder } from './support.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function read(name: string, text: string | Buffer, options: Record<string, unknown> = {}) {
  await writeFile(join(folder.path, name), text);
  return runTap({ root: folder.path, streams: [{ name: 'x', path: name, ...options }] });
}

const values = ({ records }: { records: Record<string, unknown>[] }) =>
  records.map(({ _sdc_source_file, _sdc_source_lineno, ...rest }) => rest);

const objects = fc.array(
  fc.dictionary(
    fc.string().filter((key) => !key.startsWith('_sdc_') && key !== '__proto__'),
    fc.oneof(fc.string(), fc.constant(null)),
    { maxKeys: 4 },
  ),
  { maxLength: 6 },
);

test.each(['x.jsonl', 'x.json'])('any records written to %s are read back', async (name) => {
  await fc.assert(
    fc.asyncProperty(objects, fc.boolean(), async (records, isPretty) => {
      const lines = records.map((record) => JSON.stringify(record)).join('\n');
      const run = await read(
        name,
        name === 'x.jsonl' ? lines : JSON.stringify(records, null, isPretty ? 2 : 0),
      );
      expect(values(run)).toEqual(records);
    }),
    { numRuns: 60 },
  );
});

test('an array is cut the same wherever its text is cut', () => {
  const json = fc.array(fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constant('\\" ],[ {')), { maxLength: 5 });
  fc.assert(
    fc.property(json, fc.integer({ min: 1, max: 7 }), fc.boolean(), (list, step, isPretty) => {
      const text = JSON.stringify(list, null, isPretty ? 1 : 0);
      const found: unknown[] = [];
      const splitter = createJsonSplitter((element) => void found.push(JSON.parse(element)));
      for (let at = 0; at < text.length; at += step) splitter.push(text.slice(at, at + step));
      splitter.end();
      expect(found).toEqual(JSON.parse(text));
    }),
  );
});

test('numbers go out as they are written, and nested values with them', async () => {
  const run = await read(
    'x.jsonl',
    '{"a":9007199254740993,"b":1.0,"c":{"d":[12345678901234567890, 1.10]}}\n',
  );
  expect(run.text).toContain('"a":9007199254740993,"b":1.0,"c":{"d":[12345678901234567890, 1.10]}}');
  expect(run.schemas[0]).toMatchObject({
    a: { type: ['null', 'integer'] },
    b: { type: ['null', 'number'] },
    c: { type: ['null', 'object'] },
  });
});

test('a column of strings and numbers becomes string and keeps the digits', async () => {
  const run = await read('x.jsonl', '{"a":1.10}\n{"a":"x"}\n{"a":{"b":2}}\n');
  expect(values(run)).toEqual([{ a: '1.10' }, { a: 'x' }, { a: '{"b":2}' }]);
});

test('invalid JSON is named with its line and the other lines are sent', async () => {
  const run = await read('x.jsonl', '{"a":1}\n{"a":\n{"a":3}\n[1]\n');
  expect(values(run)).toEqual([{ a: 1 }, { a: 3 }]);
  expect(run.log[0]).toMatch(/^error: stream x: x\.jsonl:2: invalid JSON: .* \(tap\.bad_row\)$/);
  expect(run.log[1]).toContain('x.jsonl:4: a record must be an object, found an array');
  expect(run.failed).toBe(true);
});

test('a record of an array is named by the line it starts on', async () => {
  const run = await read('x.json', '[\n {"a": 1},\n {"a": tru},\n 7,\n {"a": 2}\n]');
  expect(values(run)).toEqual([{ a: 1 }, { a: 2 }]);
  expect(run.records.map((record) => record['_sdc_source_lineno'])).toEqual([1, 4]);
  expect(run.log[0]).toContain('x.json:3: invalid JSON');
  expect(run.log[1]).toContain('x.json:4: a record must be an object, found a number');
});

test.each([
  ['[{"a":1},{"a":', 'the JSON ends inside a record'],
  ['[{"a":1}', 'the JSON ends before its array is closed'],
  ['[{"a":1}] x', 'text follows the end of the array'],
  ['[{"a":1} {"a":2}]', 'expected a comma between records'],
])('%j: the good records are sent and the file is not done', async (text, problem) => {
  const run = await read('x.json', text);
  expect(values(run)[0]).toEqual({ a: 1 });
  expect(run.log.join('\n')).toContain(problem);
  expect(run.failed).toBe(true);
  expect(run.state.bookmarks['x']?.files).toEqual({});
});

test('a .json file of objects in a row is read as well', async () => {
  expect(values(await read('x.json', '{"a":1}\n{"a":2}\n'))).toEqual([{ a: 1 }, { a: 2 }]);
});

test('a column seen for the first time late is announced before its row', async () => {
  const run = await read('x.jsonl', `${'{"a":1}\n'.repeat(40_000)}{"a":2,"b":"x"}\n`, { infer_rows: 1 });
  expect(run.messages.slice(-3).map(({ type }) => type)).toEqual(['SCHEMA', 'RECORD', 'STATE']);
  expect(run.schemas.map((properties) => 'b' in properties)).toEqual([false, true]);
});
