import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cutRecord } from '../../../src/singer/tap-files/csv-record.ts';
import { uniqueNames } from '../../../src/singer/tap-files/header.ts';
import { runTap, temporaryFolder } from './support.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => folder.remove());

async function read(text: string | Buffer, options: Record<string, unknown> = {}) {
  await writeFile(join(folder.path, 'x.csv'), text);
  return runTap({ root: folder.path, streams: [{ name: 'x', path: 'x.csv', ...options }] });
}

const values = ({ records }: { records: Record<string, unknown>[] }) =>
  records.map(({ _sdc_source_file, _sdc_source_lineno, ...rest }) => rest);

test('any table written as CSV is read back, whatever is in its fields', async () => {
  const field = fc.oneof(
    fc.string(),
    fc.constantFrom('a"b', 'x,y', 'line\nline', 'line\r\nline', '"', ' ', '\u{1F600}'),
  );
  const table = fc.array(fc.tuple(field, field), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom('\n', '\r\n'), async (rows, end) => {
      const text = [['a', 'b'], ...rows]
        .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(','))
        .join(end);
      const run = await read(text, { null_values: [] });
      const sent = values(run);
      expect(sent).toEqual(
        rows.map(([a, b], at) => ({ a: typed(a, sent[at]?.['a']), b: typed(b, sent[at]?.['b']) })),
      );
    }),
    {
      numRuns: 60,
      examples: [
        [
          [
            ['0.', ''],
            ['a"b', ''],
          ],
          '\n',
        ],
      ],
    },
  );
});

/** A text that stands in a column of numbers or booleans came back as one; in any other column it is the text as written. */
function typed(text: string, sent: unknown): unknown {
  if (typeof sent === 'number' && /^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(text)) return Number(text);
  if (typeof sent === 'boolean' && /^(true|false)$/i.test(text)) return text.toLowerCase() === 'true';
  return text;
}

test('a number that ends with its point is a text: its column keeps every value as written', async () => {
  const run = await read('n\n0.\n1.50\n', { infer_rows: 0 });
  expect(values(run)).toEqual([{ n: '0.' }, { n: '1.50' }]);
  const late = await read('n\n1.50\n0.\n', { infer_rows: 1 });
  expect(values(late).at(-1)).toEqual({ n: '0.' });
});

test('records are cut where csv-parse cuts them', () => {
  const line = fc.array(fc.stringMatching(/^[ab"\n, ]{0,6}$/), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(line, (fields) => {
      const text = `${fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',')}\n`;
      const [expected] = parse(text, { relax_column_count: true });
      expect(cutRecord(text, 0, ',', '"')?.fields).toEqual(expected);
    }),
  );
});

test('rows of mixed line ends are not glued together', async () => {
  const run = await read('a,b\r\n1,2\n3,4\r\n"5","6"\n7,8');
  expect(values(run)).toEqual([
    { a: 1, b: 2 },
    { a: 3, b: 4 },
    { a: 5, b: 6 },
    { a: 7, b: 8 },
  ]);
});

test('each row carries the line it starts on, quoted line ends counted', async () => {
  const run = await read('a,b\n"x\ny",1\nz,2\n\nw,3\n');
  expect(run.records.map((record) => record['_sdc_source_lineno'])).toEqual([2, 4, 6]);
});

test('a row of the wrong width is named with file and line, the others are sent, and the file is not done', async () => {
  const run = await read('a,b\n1,2\n3\n4,5\n');
  expect(values(run)).toEqual([
    { a: 1, b: 2 },
    { a: 4, b: 5 },
  ]);
  expect(run.log).toContain('error: stream x: x.csv:3: expected 2 columns, found 1 (tap.bad_row)');
  expect(run.failed).toBe(true);
  expect(run.state.bookmarks['x']?.files).toEqual({});
});

test('with on_bad_row skip a bad row is a warning and the file is done', async () => {
  const run = await read('a,b\n1,2\n3\n', { on_bad_row: 'skip' });
  expect(run.log[0]).toBe(
    'warning: stream x: x.csv:3: expected 2 columns, found 1, row skipped (tap.bad_row)',
  );
  expect(run.failed).toBe(false);
  expect(run.state.bookmarks['x']?.files['x.csv']?.rows).toBe(1);
});

test('a row that is not UTF-8 is named by its own line', async () => {
  const run = await read(
    Buffer.concat([Buffer.from('a\nx\n'), Buffer.from([0xff, 0x0a]), Buffer.from('y\n')]),
  );
  expect(values(run)).toEqual([{ a: 'x' }, { a: 'y' }]);
  expect(run.log[0]).toContain('x.csv:3: line 3 is not valid UTF-8');
});

test('a quote that is never closed is named where it opens', async () => {
  const run = await read('a,b\n1,2\n"3,4\n5,6\n');
  expect(run.log[0]).toBe(
    'error: stream x: x.csv:3: a quote that opens here is never closed (tap.file_corrupt)',
  );
  expect(run.failed).toBe(true);
});

test('text behind a closing quote makes a bad row, and the next row is read', async () => {
  const run = await read('a,b\n"1"x,2\n3,4\n');
  expect(values(run)).toEqual([{ a: 3, b: 4 }]);
  expect(run.log[0]).toContain('x.csv:2: a closing quote is followed by text');
});

test('numbers go out as they are written', async () => {
  const run = await read('i,n\n9007199254740993,1.10\n1,12345678901234567890.123456789\n2,.50\n');
  expect(run.text).toContain('"i":9007199254740993,"n":1.10}');
  expect(run.text).toContain('"n":12345678901234567890.123456789}');
  expect(run.text).toContain('"n":0.50}');
});

test('leading zeros stay, and an empty field is null', async () => {
  const run = await read('zip,city\n00501,Holtsville\n10001,\n');
  expect(values(run)).toEqual([
    { zip: '00501', city: 'Holtsville' },
    { zip: '10001', city: null },
  ]);
});

test('null_values replaces the empty text as what means null', async () => {
  const run = await read('a,b\nNA,\n1,x\n', { null_values: ['NA'] });
  expect(values(run)).toEqual([
    { a: null, b: '' },
    { a: 1, b: 'x' },
  ]);
});

test('a value that contradicts the inferred type is announced by a new SCHEMA before its row', async () => {
  const filler = '1\n'.repeat(200_000);
  const run = await read(`a\n${filler}3.5\nx\n`, { infer_rows: 2 });
  const kinds = run.messages.map(({ type, record }) => (type === 'RECORD' ? String(record['a']) : type));
  expect(kinds.filter((kind) => kind !== '1')).toEqual(['SCHEMA', 'SCHEMA', '3.5', 'SCHEMA', 'x', 'STATE']);
  expect(run.schemas.map((properties) => properties['a']?.type)).toEqual([
    ['null', 'integer'],
    ['null', 'number'],
    ['null', 'string'],
  ]);
});

test('with infer_rows 0 the types of the whole file are known before its first row', async () => {
  const run = await read('a\n1\n2\nx\n', { infer_rows: 0 });
  expect(run.schemas).toHaveLength(1);
  expect(values(run)).toEqual([{ a: '1' }, { a: '2' }, { a: 'x' }]);
});

test('a file without a header gets column_1, column_2 and keeps its first row', async () => {
  expect(values(await read('1,x\n2,y\n', { has_header: false }))).toEqual([
    { column_1: 1, column_2: 'x' },
    { column_1: 2, column_2: 'y' },
  ]);
});

test('other delimiters, quotes and encodings are read', async () => {
  const run = await read(Buffer.from("a;b\n'x;y';caf\xe9\n", 'latin1'), {
    delimiter: ';',
    quote: "'",
    encoding: 'latin1',
  });
  expect(values(run)).toEqual([{ a: 'x;y', b: 'café' }]);
  const wide = await read(Buffer.from('\ufeffa,b\n1,ü\n', 'utf16le'), { encoding: 'utf-16le' });
  expect(values(wide)).toEqual([{ a: 1, b: 'ü' }]);
});

test('a byte order mark is not part of the first name', async () => {
  expect(values(await read('\ufeffa,b\n1,2\n'))).toEqual([{ a: 1, b: 2 }]);
});

test('a file whose lines end with CR alone is refused, not read as a header without rows', async () => {
  const run = await read('a,b\r1,2\r3,4');
  expect(run.failed).toBe(true);
  expect(run.log[0]).toContain('x.csv:1: the header cannot be read: lines end with CR alone');
});

test('names are made unique and empty ones are numbered', () => {
  expect(uniqueNames(['a', '', 'a', 'a_2', 'a', ''])).toEqual([
    'a',
    'column_2',
    'a_3',
    'a_2',
    'a_4',
    'column_6',
  ]);
});

test('a row without its key is a bad row', async () => {
  const run = await read('id,v\n1,x\n,y\n', { key_properties: ['id'] });
  expect(values(run)).toEqual([{ id: 1, v: 'x' }]);
  expect(run.log[0]).toContain('x.csv:3: the key "id" has no value');
});

test('a configured key that is no column is named with the columns there are', async () => {
  const run = await read('a,b\n1,2\n', { key_properties: ['id'] });
  expect(run.log[0]).toContain('the key "id" is no column; there are "a", "b"');
  expect(run.failed).toBe(true);
});
