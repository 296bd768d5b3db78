import { expect, test } from 'vitest';
import { splitConfig } from '../../../../src/adapters/runner/airbyte/stream-settings.ts';
import { discovered, syncStreams } from '../../../../src/adapters/runner/airbyte/sync-streams.ts';

const properties = {
  id: { type: 'integer' },
  at: { type: 'string', format: 'date-time' },
  deep: { type: 'object' },
};
const described = (name: string, more: Record<string, unknown> = {}) => ({
  name,
  json_schema: { properties },
  supported_sync_modes: ['full_refresh', 'incremental'],
  ...more,
});
const CURSOR = { default_cursor_field: ['at'] };
const KEY = { source_defined_primary_key: [['id']] };

function modeOf(stream: Record<string, unknown>, setting?: unknown) {
  const { streams } = splitConfig(setting === undefined ? {} : { _streams: [setting] });
  const [first] = syncStreams([stream], streams);
  return first?.configured;
}

test('a stream is read incrementally where its source can and a cursor is known, else in full', () => {
  expect(modeOf(described('a', { ...CURSOR, ...KEY }))).toMatchObject({
    sync_mode: 'incremental',
    destination_sync_mode: 'append_dedup',
    cursor_field: ['at'],
    primary_key: [['id']],
  });
  expect(modeOf(described('a', { source_defined_cursor: true }))).toMatchObject({
    sync_mode: 'incremental',
    destination_sync_mode: 'append',
  });
  expect(modeOf(described('a'))).toMatchObject({
    sync_mode: 'full_refresh',
    destination_sync_mode: 'overwrite',
  });
  expect(modeOf({ name: 'a', json_schema: {} })).toMatchObject({ sync_mode: 'full_refresh' });
});

test('what the source said of a stream is given back to it whole', () => {
  const stream = described('a', { ...KEY, is_resumable: true, something_new: [1] });
  expect(modeOf(stream)).toMatchObject({ stream });
});

test('a connector chooses streams, how they are read and what tells their rows apart', () => {
  const setting = { name: 'a', sync_mode: 'incremental', cursor_field: 'at', primary_key: 'id' };
  expect(modeOf(described('a'), setting)).toMatchObject({
    sync_mode: 'incremental',
    cursor_field: ['at'],
    primary_key: [['id']],
  });
  const { own, streams } = splitConfig({
    host: 'h',
    _streams: ['b', { name: 'c', sync_mode: 'full_refresh' }],
  });
  expect(own).toEqual({ host: 'h' });
  const catalog = ['a', 'b', 'c'].map((name) => described(name, CURSOR));
  expect(syncStreams(catalog, streams).map(({ name, mode }) => [name, mode])).toEqual([
    ['b', 'incremental'],
    ['c', 'full_refresh'],
  ]);
  const all = splitConfig({ _streams: ['*', { name: 'c', sync_mode: 'full_refresh' }] }).streams;
  expect(syncStreams(catalog, all).map(({ mode }) => mode)).toEqual([
    'incremental',
    'incremental',
    'full_refresh',
  ]);
});

test.each([
  [{ _streams: 'a' }, /must be a list/],
  [{ _streams: [] }, /must be a list/],
  [{ _streams: [{ name: 'a', mode: 'x' }] }, /must be a list/],
  [{ _streams: ['gone'] }, /"gone", which the source does not have/],
  [{ _streams: [{ name: 'a', sync_mode: 'incremental' }] }, /needs a cursor_field/],
  [{ _streams: [{ name: 'full', sync_mode: 'incremental' }] }, /has no incremental sync/],
])('settings that make no sense are refused: %j', (config, message) => {
  const catalog = [described('a'), described('full', { supported_sync_modes: ['full_refresh'] })];
  const choose = () => syncStreams(catalog, splitConfig(config).streams);
  expect(choose).toThrow(expect.objectContaining({ code: 'connector.config_invalid' }));
  expect(choose).toThrow(message);
});

test('a stream without a key of its own gets one where it is read in full', () => {
  const keysOf = (stream: Record<string, unknown>) => syncStreams([stream], null)[0]?.keys;
  expect(keysOf(described('a', KEY))).toEqual(['id']);
  expect(keysOf(described('a'))).toEqual(['_airbyte_raw_id']);
  expect(keysOf(described('a', { source_defined_primary_key: [['deep', 'id']] }))).toEqual([
    '_airbyte_raw_id',
  ]);
  expect(keysOf(described('a', CURSOR))).toEqual([]);
});

test('streams of one name in two namespaces have two names, and no two streams have one', () => {
  const names = syncStreams([described('a', { namespace: 'x' }), described('a', { namespace: 'y' })], null);
  expect(names.map(({ name }) => name)).toEqual(['x.a', 'y.a']);
  expect(() =>
    syncStreams([described('b.c', { namespace: 'a' }), described('c', { namespace: 'a.b' })], null),
  ).toThrow(/two of its streams would be called "a.b.c"/);
});

test('a discovered stream has its key, its cursor and the types of its fields', () => {
  const [stream] = syncStreams([described('a', { ...CURSOR, ...KEY })], null).map(discovered);
  expect(stream).toEqual({
    stream: 'a',
    keyProperties: ['id'],
    replicationKey: 'at',
    fields: { id: 'integer', at: 'date-time', deep: 'object' },
  });
});

test('a catalog that is none is refused', () => {
  expect(() => syncStreams([{ json_schema: {} }], null)).toThrow(
    expect.objectContaining({ code: 'source.invalid_catalog' }),
  );
});
