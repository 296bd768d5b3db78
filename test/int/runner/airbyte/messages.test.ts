import { expect, test } from 'vitest';
import {
  described,
  INCREMENTAL,
  KEYED,
  type Line,
  log,
  record,
  streamState,
  TELL_STATE,
} from '../../../harness/airbyte/play.ts';
import { usePlayedSource } from './bench.ts';

const played = usePlayedSource();
const streams = [described('deals', INCREMENTAL)];
const ROW = record('deals', { id: 1, name: 'a' });

test('values arrive as the source wrote them, whatever else stands in the line', async () => {
  const it = await played.connector();
  const properties = {
    id: { type: 'integer' },
    amount: { type: ['null', 'number'] },
    big: { type: 'string', airbyte_type: 'big_integer' },
    at: { type: 'string', format: 'date-time', airbyte_type: 'timestamp_with_timezone' },
    day: { type: 'string', format: 'date' },
    tags: { type: 'array', items: { type: 'string' } },
    nested: { type: 'object' },
    either: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
  };
  const line = (id: number, more: string) =>
    `{"type":"RECORD","record":{"stream":"deals","data":{"id":${id},"amount":0.10000000000000000001,` +
    `"big":"123456789012345678901234567890","at":"2026-01-01T01:30:00+02:00","day":"2026-01-01",` +
    `"tags":["a}","\\"]"],"nested":{"n":9007199254740993,"emitted_at":1767225600000,"s":"\\u0000é"},"either":7}${more}}}`;
  const read = [
    line(1, ',"emitted_at":1767225600123'),
    line(2, ',"emitted_at":1767225600123'),
    line(3, ',"emitted_at":1767225600123,"meta":{"changes":[]}'),
    line(4, ''),
    `{"record": {"emitted_at": 5, "data": {"id": 5}, "stream": "deals"}, "type": "RECORD"}`,
  ];
  const more = { ...INCREMENTAL, json_schema: { type: 'object', properties } };
  const { history } = await it.run({ streams: [described('deals', more)], read });
  expect(history.status).toBe('completed');
  const rows = await it.staged<Record<string, unknown>>(
    'deals',
    'id::int, amount::text, big::text, at::text, day::text, tags::text, nested::text, either',
  );
  const full = {
    amount: '0.10000000000000000001',
    big: '123456789012345678901234567890',
    at: expect.stringContaining('2025-12-31 23:30:00'),
    day: '2026-01-01',
    tags: expect.stringMatching(/"a}"/),
    nested: expect.stringContaining('9007199254740993'),
    either: '7',
  };
  expect(rows.slice(0, 4)).toEqual([1, 2, 3, 4].map((id) => ({ id, ...full })));
  expect(rows[4]).toMatchObject({ id: 5, amount: null });
});

test('a log is written by level, without DEBUG and TRACE; lines that are no message are in it too', async () => {
  const it = await played.connector();
  const read: Line[] = [
    log('INFO', 'two\nlines'),
    log('WARN', 'careful'),
    log('DEBUG', 'chatter'),
    log('TRACE', 'more chatter'),
    'Picked up JAVA_TOOL_OPTIONS',
    '[1, 2]',
    { type: 'SOMETHING_NEW', something: {} },
    { type: 'TRACE', trace: { type: 'ANALYTICS', emitted_at: 1, analytics: { type: 'x' } } },
    {
      type: 'TRACE',
      trace: { type: 'ESTIMATE', estimate: { name: 'deals', type: 'STREAM', row_estimate: 20 } },
    },
    ROW,
  ];
  const { history, log: lines } = await it.run({ streams, read });
  expect(history).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  for (const said of [
    '[INFO] two',
    '[INFO] lines',
    '[WARN] careful',
    'Picked up JAVA',
    '[1, 2]',
    'about 20 rows',
  ])
    expect(lines).toContain(said);
  expect(lines).not.toMatch(/chatter|SOMETHING_NEW|ANALYTICS/);
});

test('a config the source renews is told of once, and its secrets are nowhere', async () => {
  const it = await played.connector();
  const control = (refresh: string): Line => ({
    type: 'CONTROL',
    control: { type: 'CONNECTOR_CONFIG', emitted_at: 1, connectorConfig: { config: { token: refresh } } },
  });
  const read = [
    log('INFO', 'using first-secret'),
    control('second-secret'),
    control('third-secret'),
    log('INFO', 'using second-secret and third-secret'),
    ROW,
  ];
  const { log: lines } = await it.run({ streams, read }, { token: 'first-secret' });
  expect(lines.match(/renewed its config/g)).toHaveLength(1);
  expect(lines).toContain('using [secret] and [secret]');
  expect(lines).not.toMatch(/(first|second|third)-secret/);
});

test('a source that counted other rows than came is told of', async () => {
  const it = await played.connector();
  const read = [ROW, streamState('deals', { at: 1 }, 1), ROW, streamState('deals', { at: 2 }, 3)];
  const { history, log: lines } = await it.run({ streams, read });
  expect(history.status).toBe('completed');
  expect(lines.match(/the source counted/g)).toHaveLength(1);
  expect(lines).toContain('[WARN] stream "deals": the source counted 3 rows since its last state, 1 came.');
});

test('rows of a stream that was not asked for are left out and told of', async () => {
  const it = await played.connector();
  const { history, log: lines } = await it.run({ streams, read: [ROW, record('ghosts', { id: 1 })] });
  expect(history).toMatchObject({ status: 'completed', rowsLoaded: 1 });
  expect(lines).toContain('"ghosts", which was not asked for');
});

test('two streams of one name in two namespaces do not meet', async () => {
  const it = await played.connector();
  const two = ['eu', 'us'].map((namespace) => described('deals', { ...KEYED, namespace }));
  const row = (namespace: string, id: number) => record('deals', { id, name: namespace }, { namespace });
  const read = [row('eu', 1), row('us', 1), row('us', 2), row('eu', 3), row('us', 4)];
  expect((await it.run({ streams: two, read })).history).toMatchObject({
    status: 'completed',
    rowsLoaded: 5,
  });
  expect(await it.rows('id::int, name', 'eu_deals')).toEqual([
    { id: 1, name: 'eu' },
    { id: 3, name: 'eu' },
  ]);
  expect(await it.rows('id::int', 'us_deals')).toEqual([{ id: 1 }, { id: 2 }, { id: 4 }]);
});

test('a row its source deleted is gone', async () => {
  const it = await played.connector();
  const properties = { id: { type: 'integer' }, _ab_cdc_deleted_at: { type: ['null', 'string'] } };
  const cdc = [described('deals', { ...INCREMENTAL, json_schema: { properties } })];
  const alive = (id: number) => record('deals', { id, _ab_cdc_deleted_at: null });
  await it.run({ streams: cdc, read: [alive(1), alive(2)] });
  await it.run({
    streams: cdc,
    read: [record('deals', { id: 1, _ab_cdc_deleted_at: '2026-01-01T00:00:00Z' })],
  });
  expect(await it.rows('id::int')).toEqual([{ id: 2 }]);
});

test('a state goes back to its source as it came, number for number, until another takes its place', async () => {
  const it = await played.connector();
  const two = [described('deals', INCREMENTAL), described('people', INCREMENTAL)];
  const state = (name: string, value: string) =>
    `{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"${name}"},"stream_state":${value}},"sourceStats":{"recordCount":0.0}}}`;
  await it.run({
    streams: two,
    read: [state('deals', '{"lsn":9007199254740993,"x":1.0}'), state('people', '{"p":1}')],
  });
  const second = await it.run({ streams: two, read: [TELL_STATE, state('people', '{"p":2}')] });
  expect(second.log).toContain('"stream_state":{"lsn":9007199254740993,"x":1.0}');
  expect(second.log).not.toContain('sourceStats');
  const third = await it.run({ streams: two, read: [TELL_STATE] });
  expect(third.log).toContain('{"lsn":9007199254740993,"x":1.0}');
  expect(third.log).toContain('"stream_state":{"p":2}');
});
