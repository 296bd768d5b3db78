import { appendFile, chmod, cp, mkdir, rename, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runDiscover, runTap, temporaryFolder } from '../../unit/tap-files/support.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder.remove());

const at = (name: string) => join(folder.path, name);
const config = (path: string | string[], options: Record<string, unknown> = {}) => ({
  root: folder.path,
  jail: true,
  streams: [{ name: 'x', path, ...options }],
});
const ids = (run: { records: Record<string, unknown>[] }) => run.records.map((record) => record['id']);

test('a file that did not change is not read again, a new one is', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  const first = await runTap(config('*.csv'));
  await writeFile(at('b.csv'), 'id\n2\n');
  const second = await runTap(config('*.csv'), { state: first.state });
  expect(ids(first)).toEqual([1]);
  expect(ids(second)).toEqual([2]);
  expect(Object.keys(second.state.bookmarks['x']?.files ?? {})).toEqual(['a.csv', 'b.csv']);
});

test('a touched or renamed file is not sent again', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  const { state } = await runTap(config('*.csv'));
  await utimes(at('a.csv'), new Date(0), new Date(0));
  const touched = await runTap(config('*.csv'), { state });
  await rename(at('a.csv'), at('b.csv'));
  const renamed = await runTap(config('*.csv'), { state: touched.state });
  expect([ids(touched), ids(renamed)]).toEqual([[], []]);
  expect(renamed.state.bookmarks['x']?.files['b.csv']?.rows).toBe(1);
  expect(renamed.state.bookmarks['x']?.files['a.csv']).toMatchObject({ rows: 1 });
});

test('a copy is a file of its own', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  const { state } = await runTap(config('*.csv'));
  await cp(at('a.csv'), at('b.csv'));
  expect(ids(await runTap(config('*.csv'), { state }))).toEqual([1]);
});

test.each([
  ['a.csv', 'id\n1\n2\n', '3\n', 4],
  ['a.jsonl', '{"id":1}\n{"id":2}\n', '{"id":3}\n', 3],
])('of %s that grew only the new rows are sent, with their lines', async (name, before, added, line) => {
  await writeFile(at(name), before);
  const { state } = await runTap(config(name));
  await appendFile(at(name), added);
  const grown = await runTap(config(name), { state });
  expect(grown.records).toEqual([{ _sdc_source_file: name, _sdc_source_lineno: line, id: 3 }]);
  expect(grown.state.bookmarks['x']?.files[name]?.rows).toBe(3);
  const again = await runTap(config(name), { state: grown.state });
  expect(ids(again)).toEqual([]);
});

test('a file that grew inside its last line, or whose beginning changed, is read in full', async () => {
  await writeFile(at('a.csv'), 'id\n1\n2');
  const first = await runTap(config('a.csv'));
  await appendFile(at('a.csv'), '3\n4\n');
  const second = await runTap(config('a.csv'), { state: first.state });
  await writeFile(at('a.csv'), 'id\n9\n23\n4\n5\n');
  const third = await runTap(config('a.csv'), { state: second.state });
  expect(ids(second)).toEqual([1, 23, 4]);
  expect(ids(third)).toEqual([9, 23, 4, 5]);
});

test('a type that once was wide stays wide in the next run', async () => {
  await writeFile(at('a.csv'), 'id,v\n1,x\n');
  const { state } = await runTap(config('*.csv'));
  await writeFile(at('b.csv'), 'id,v\n2,3\n');
  const run = await runTap(config('*.csv'), { state });
  expect(run.schemas.map((properties) => properties['v']?.type)).toEqual([['null', 'string']]);
  expect(run.records[0]?.['v']).toBe('3');
});

test('a file older than start_date is not read', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  await utimes(at('a.csv'), new Date(0), new Date(0));
  await writeFile(at('b.csv'), 'id\n2\n');
  expect(ids(await runTap({ ...config('*.csv'), start_date: '2020-01-01' }))).toEqual([2]);
});

test('bad files are each named, and the good ones are sent all the same', async () => {
  await writeFile(at('good.csv'), 'id\n1\n');
  const packed = gzipSync('id\n2\n'.repeat(1000));
  await writeFile(at('cut.csv.gz'), packed);
  await truncate(at('cut.csv.gz'), packed.length - 10);
  await writeFile(at('bad.parquet'), 'PAR1 this is no parquet file PAR1');
  await mkdir(at('folder.csv'));
  const run = await runTap(
    config(['good.csv', 'cut.csv.gz', 'bad.parquet', 'folder.csv', 'missing-*.csv', 'x.unknown']),
  );
  const log = run.log.join('\n');
  expect(run.records.filter((record) => record['_sdc_source_file'] === 'good.csv')).toHaveLength(1);
  expect(log).toContain('cut.csv.gz: the gzip data ends too early (tap.file_corrupt)');
  expect(log).toMatch(/bad\.parquet: .*\(tap\.file_corrupt\)/);
  expect(log).toContain('folder.csv: is a folder (tap.not_a_file)');
  expect(log).toContain('missing-*.csv: no file matches (tap.no_files)');
  expect(log).toContain('x.unknown: no file matches (tap.no_files)');
  expect(run.failed).toBe(true);
  expect(Object.keys(run.state.bookmarks['x']?.files ?? {})).toEqual(['good.csv']);
});

test.skipIf(process.getuid?.() === 0)('a file that may not be read is named', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  await chmod(at('a.csv'), 0);
  const run = await runTap(config('a.csv'));
  expect(run.log[0]).toContain('a.csv: cannot be read: EACCES (tap.file_unreadable)');
});

test('gzip is read whatever the file is called, and ** crosses folders', async () => {
  await mkdir(at('in/deep'), { recursive: true });
  await writeFile(at('in/a.csv.gz'), gzipSync('id\n1\n'));
  await writeFile(at('in/deep/b.csv'), gzipSync('id\n2\n'));
  expect(ids(await runTap(config('in/**/*.csv*'))).sort()).toEqual([1, 2]);
});

test('nothing outside the root is read: not by .., not by an absolute path, not through a link', async () => {
  const outside = await temporaryFolder();
  try {
    await writeFile(join(outside.path, 'secret.csv'), 'id\n666\n');
    await symlink(join(outside.path, 'secret.csv'), at('link.csv'));
    await symlink(outside.path, at('linked'));
    const paths = [
      '../*/secret.csv',
      join(outside.path, 'secret.csv'),
      join(outside.path, '*.csv'),
      'link.csv',
      '*.csv',
      'linked/*.csv',
    ];
    for (const path of paths) {
      const run = await runTap(config(path));
      expect(run.log.join('\n'), path).toContain('(tap.path_outside_root)');
      expect(run.records, path).toEqual([]);
      expect(run.failed).toBe(true);
    }
  } finally {
    await outside.remove();
  }
});

test('without the jail a path may lead anywhere', async () => {
  const outside = await temporaryFolder();
  await writeFile(join(outside.path, 'a.csv'), 'id\n1\n');
  const run = await runTap({ ...config(join(outside.path, '*.csv')), jail: false });
  await outside.remove();
  expect(ids(run)).toEqual([1]);
});

test('a catalog selects streams and fields, in the metadata and in the older places', async () => {
  await writeFile(at('a.csv'), 'id,v,w\n1,x,y\n');
  const { streams } = await runDiscover(config('a.csv', { key_properties: ['id'] }));
  const [entry] = streams;
  if (!entry) throw new Error('nothing discovered');
  const field = (name: string) =>
    entry.metadata.find(({ breadcrumb }) => breadcrumb[1] === name)?.metadata ?? {};
  field('v')['selected'] = false;
  field('id')['selected'] = false;
  Object.assign(entry.schema.properties['w'] ?? {}, { selected: false });
  const run = await runTap(config('a.csv', { key_properties: ['id'] }), { catalog: { streams } });
  expect(run.records).toEqual([{ _sdc_source_file: 'a.csv', _sdc_source_lineno: 2, id: 1 }]);
  expect(Object.keys(run.schemas[0] ?? {})).toEqual(['_sdc_source_file', '_sdc_source_lineno', 'id']);
  Object.assign(entry.metadata[0]?.metadata ?? {}, { selected: false });
  expect(
    (await runTap(config('a.csv', { key_properties: ['id'] }), { catalog: { streams } })).messages.map(
      ({ type }) => type,
    ),
  ).toEqual(['STATE']);
});

test('FULL_TABLE in the catalog reads every file again', async () => {
  await writeFile(at('a.csv'), 'id\n1\n');
  const { streams } = await runDiscover(config('a.csv'));
  const { state } = await runTap(config('a.csv'));
  Object.assign(streams[0]?.metadata[0]?.metadata ?? {}, { 'replication-method': 'FULL_TABLE' });
  expect(ids(await runTap(config('a.csv'), { catalog: { streams }, state }))).toEqual([1]);
});

test('the catalog says keys, types and inclusion', async () => {
  await writeFile(at('a.csv'), 'id,Cost Total $,d\n1,1.5,2024-01-02\n');
  const { streams, failed } = await runDiscover(config('a.csv'));
  expect(failed).toBe(false);
  expect(streams[0]).toMatchObject({
    key_properties: ['_sdc_source_file', '_sdc_source_lineno'],
    replication_method: 'INCREMENTAL',
    schema: {
      properties: {
        id: { type: ['null', 'integer'] },
        'Cost Total $': { type: ['null', 'number'] },
        d: { type: ['null', 'string'], format: 'date' },
      },
    },
  });
  expect(streams[0]?.metadata[0]?.metadata).toMatchObject({
    'table-key-properties': ['_sdc_source_file', '_sdc_source_lineno'],
    'selected-by-default': true,
  });
});
