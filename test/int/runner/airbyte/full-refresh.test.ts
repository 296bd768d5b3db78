import { expect, test } from 'vitest';
import {
  described,
  failure,
  INCREMENTAL,
  KEYED,
  type Line,
  record,
  status,
  streamState,
  TELL_STATE,
} from '../../../harness/airbyte/play.ts';
import { usePlayedSource } from './bench.ts';

const played = usePlayedSource();
const KEYED_DEALS = [described('deals', KEYED)];

function whole(names: string[], more: Line[] = []): Line[] {
  const rows = names.map((name, at) => record('deals', { id: at + 1, name }));
  return [status('deals', 'STARTED'), ...rows, ...more, status('deals', 'COMPLETE')];
}

test('a row that a full refresh no longer brings is gone, the others are there once', async () => {
  const it = await played.connector();
  await it.run({ streams: KEYED_DEALS, read: whole(['a', 'b', 'c']) });
  const { history } = await it.run({ streams: KEYED_DEALS, read: whole(['a', 'B']) });
  expect(history.status).toBe('completed');
  expect(await it.rows('id::int, name')).toEqual([
    { id: 1, name: 'a' },
    { id: 2, name: 'B' },
  ]);
});

test('a full refresh that brings nothing empties the table, one that fails deletes nothing', async () => {
  const it = await played.connector();
  await it.run({ streams: KEYED_DEALS, read: whole(['a', 'b']) });
  const broken = await it.run({
    streams: KEYED_DEALS,
    read: [record('deals', { id: 1, name: 'x' }), failure('system_error', 'it broke')],
    exit: 1,
  });
  expect(broken.history.status).toBe('failed');
  const unfinished = await it.run({
    streams: KEYED_DEALS,
    read: [status('deals', 'STARTED'), status('deals', 'INCOMPLETE')],
  });
  expect(unfinished.history).toMatchObject({
    status: 'failed',
    errorCode: 'source.stream_incomplete',
    errorMsg: expect.stringContaining('"deals"'),
  });
  expect(await it.rows('id::int, name')).toHaveLength(2);
  expect((await it.run({ streams: KEYED_DEALS, read: whole([]) })).history.status).toBe('completed');
  expect(await it.rows('id::int, name')).toEqual([]);
});

test('a stream without a key that is read in full again is there once, equal rows as often as the source has them', async () => {
  const it = await played.connector();
  const streams = [described('deals')];
  const twins = [record('deals', { id: 1, name: 'a' }), record('deals', { id: 1, name: 'a' })];
  const read = [...twins, record('deals', {}), status('deals', 'COMPLETE')];
  for (let run = 0; run < 3; run += 1)
    expect((await it.run({ streams, read })).history.status).toBe('completed');
  expect(await it.rows('id::int, name')).toEqual([
    { id: 1, name: 'a' },
    { id: 1, name: 'a' },
    { id: null, name: null },
  ]);
  const broken = { streams, read: [...twins, failure(null, 'it broke')], exit: 1 };
  expect((await it.run(broken)).history.status).toBe('failed');
  await it.run({ streams, read: whole(['z']) });
  expect(await it.rows('id::int, name')).toEqual([{ id: 1, name: 'z' }]);
});

test('a source that tells of no stream has read them all when it ends well', async () => {
  const it = await played.connector();
  const bare = (ids: number[]) => ids.map((id) => record('deals', { id, name: 'a' }));
  await it.run({ streams: KEYED_DEALS, read: bare([1, 2, 3]) });
  await it.run({ streams: KEYED_DEALS, read: bare([2]), exit: 1 });
  expect(await it.rows('id::int, name')).toHaveLength(3);
  await it.run({ streams: KEYED_DEALS, read: bare([3]) });
  expect(await it.rows('id::int')).toEqual([{ id: 3 }]);
});

const RESUMABLE = [described('deals', { ...KEYED, is_resumable: true })];

test('an interrupted full refresh goes on where its source stopped, and only its end deletes', async () => {
  const it = await played.connector();
  await it.run({ streams: RESUMABLE, read: whole(['a', 'b', 'c', 'd']) });
  const half = await it.run({
    streams: RESUMABLE,
    read: [
      status('deals', 'STARTED'),
      record('deals', { id: 1, name: 'A' }),
      streamState('deals', { page: 1 }),
      failure('transient_error', 'too many requests'),
    ],
    exit: 1,
  });
  expect(half.history).toMatchObject({ status: 'partial', errorCode: 'source.transient_error' });
  expect(await it.rows('id::int, name')).toHaveLength(4);
  const rest = await it.run({
    streams: RESUMABLE,
    read: [
      TELL_STATE,
      record('deals', { id: 2, name: 'B' }),
      streamState('deals', {}),
      status('deals', 'COMPLETE'),
    ],
  });
  expect(rest.log).toContain('"stream_state":{"page":1}');
  expect(await it.rows('id::int, name')).toEqual([
    { id: 1, name: 'A' },
    { id: 2, name: 'B' },
  ]);
  const next = await it.run({ streams: RESUMABLE, read: [TELL_STATE, ...whole(['a'])] });
  expect(next.log).toContain('given state: null');
  expect(await it.rows('id::int')).toEqual([{ id: 1 }]);
});

test('rows of a stream without a key are there once after an interrupted refresh too', async () => {
  const it = await played.connector();
  const streams = [described('deals', { is_resumable: true })];
  const first = [record('deals', { id: 1, name: 'a' }), streamState('deals', { page: 1 })];
  const lost = record('deals', { id: 2, name: 'after the state' });
  await it.run({ streams, read: [...first, lost, failure(null, 'it broke')], exit: 1 });
  await it.run({ streams, read: [record('deals', { id: 2, name: 'b' }), status('deals', 'COMPLETE')] });
  expect(await it.rows('id::int, name')).toEqual([
    { id: 1, name: 'a' },
    { id: 2, name: 'b' },
  ]);
});

test('an interrupted refresh of a source that cannot resume it begins anew, and no row is there twice', async () => {
  const it = await played.connector();
  const streams = [described('deals')];
  const rows = [record('deals', { id: 1, name: 'a' }), record('deals', { id: 2, name: 'b' })];
  const broken = [...rows, streamState('deals', { page: 1 }), failure(null, 'it broke')];
  expect((await it.run({ streams, read: broken, exit: 1 })).history.status).toBe('partial');
  const { log } = await it.run({ streams, read: [TELL_STATE, ...rows, status('deals', 'COMPLETE')] });
  expect(log).toContain('given state: null');
  expect(await it.rows('id::int')).toEqual([{ id: 1 }, { id: 2 }]);
});

test('a stream that is read in full from now on never gets the state of its incremental days', async () => {
  const it = await played.connector();
  const streams = [described('deals', INCREMENTAL)];
  await it.run({ streams, read: whole(['a', 'b'], [streamState('deals', { at: 2 })]) });
  const full = { _streams: [{ name: 'deals', sync_mode: 'full_refresh' }] };
  const { log } = await it.run({ streams, read: [TELL_STATE, ...whole(['a', 'b'])] }, full);
  expect(log).toContain('given state: null');
  expect(await it.rows('id::int, name')).toHaveLength(2);
});
