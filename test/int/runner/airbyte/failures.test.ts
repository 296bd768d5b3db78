import { expect, test } from 'vitest';
import {
  described,
  failure,
  INCREMENTAL,
  type Line,
  log,
  record,
  status,
  streamState,
} from '../../../harness/airbyte/play.ts';
import { usePlayedSource } from './bench.ts';

const played = usePlayedSource();
const streams = [described('deals', INCREMENTAL), described('people', INCREMENTAL)];
const ROW = record('deals', { id: 1, name: 'a' });
const STATE = streamState('deals', { at: 1 });

test.each([
  ['config_error', 'source.config_error', 'refuses its config'],
  ['transient_error', 'source.transient_error', 'may pass by itself'],
  ['system_error', 'source.system_error', 'The source failed'],
  [null, 'source.system_error', 'The source failed'],
])('a TRACE error of type %s is a failure of type %s', async (type, errorCode, text) => {
  const it = await played.connector();
  const more = { internal_message: 'HTTP 418', stack_trace: 'Traceback: line 1\nline 2' };
  const { history, log: lines } = await it.run({
    streams,
    read: [ROW, failure(type, 'no tea', more)],
    exit: 1,
  });
  expect(history).toMatchObject({ status: 'failed', errorCode });
  expect(history.errorMsg).toContain(text);
  expect(history.errorMsg).toContain('no tea (HTTP 418)');
  expect(history.errorMsg).not.toContain('Traceback');
  expect(lines).toContain('[ERROR] Traceback: line 1');
});

test('a TRACE error makes the run fail whatever the exit code says', async () => {
  const it = await played.connector();
  const { history } = await it.run({ streams, read: [ROW, failure('system_error', 'quietly')] });
  expect(history).toMatchObject({ status: 'failed', errorCode: 'source.system_error' });
});

test('a stream that failed is named, and what the others brought is kept with its state', async () => {
  const it = await played.connector();
  const read: Line[] = [
    ROW,
    STATE,
    status('deals', 'COMPLETE'),
    status('people', 'STARTED'),
    status('people', 'INCOMPLETE'),
    failure('config_error', 'no access', { stream_descriptor: { name: 'people' } }),
    failure('config_error', 'one of two streams failed'),
  ];
  const { history, tapState } = await it.run({ streams, read, exit: 1 });
  expect(history).toMatchObject({ status: 'partial', errorCode: 'source.config_error', rowsLoaded: 1 });
  expect(history.errorMsg).toContain('stream "people"): no access');
  expect(tapState).toContain('{"at":1}');
});

test('a source that ends well with a stream unfinished has not ended well', async () => {
  const it = await played.connector();
  const read = [ROW, STATE, status('deals', 'COMPLETE'), status('people', 'STARTED')];
  expect((await it.run({ streams, read })).history).toMatchObject({
    status: 'partial',
    errorCode: 'source.stream_incomplete',
    errorMsg: expect.stringContaining('"people"'),
  });
});

test('a source that fails without a word of why is told by the errors in its log', async () => {
  const it = await played.connector();
  const { history } = await it.run({
    streams,
    read: [log('INFO', 'fine'), log('FATAL', 'out of tea')],
    exit: 3,
  });
  expect(history).toMatchObject({ status: 'failed', errorCode: 'source.failed' });
  expect(history.errorMsg).toMatch(/exit code 3.*out of tea/);
  expect(history.errorMsg).not.toContain('fine');
});

test('a row that cannot be read fails the run, and no state after it is kept', async () => {
  const it = await played.connector();
  const cut = '{"type":"RECORD","record":{"stream":"deals","data":{"id":2,"na';
  const read = [ROW, STATE, cut, record('deals', { id: 3 }), streamState('deals', { at: 3 })];
  const { history, tapState } = await it.run({ streams, read });
  expect(history).toMatchObject({ status: 'partial', errorCode: 'source.invalid_message' });
  expect(tapState).toContain('{"at":1}');
  expect(await it.rows('id::int')).toEqual([{ id: 1 }]);
});

test('a config the source would not take is refused before it is started with it, by field and reason', async () => {
  const it = await played.connector();
  const { history } = await it.run({ streams, read: [ROW] }, { token: 'short' });
  expect(history).toMatchObject({ status: 'failed', errorCode: 'connector.config_invalid', rowsLoaded: 0 });
  expect(history.errorMsg).toContain('token');
  expect(history.errorMsg).not.toContain('short');
});

test('a stream that is asked for and not there is refused with the nearest names', async () => {
  const it = await played.connector();
  const { history } = await it.run({ streams, read: [ROW] }, { _streams: ['peoples'] });
  expect(history).toMatchObject({ status: 'failed', errorCode: 'connector.config_invalid' });
  expect(history.errorMsg).toContain('Did you mean people?');
});
