import { expect, test } from 'vitest';
import { openSourceRead } from '../../../../src/adapters/runner/airbyte/source-read.ts';
import { openSourceState } from '../../../../src/adapters/runner/airbyte/source-state.ts';
import { syncStreams } from '../../../../src/adapters/runner/airbyte/sync-streams.ts';
import { createTranslator } from '../../../../src/adapters/runner/airbyte/translator.ts';
import {
  described,
  INCREMENTAL,
  type Line,
  record,
  status,
  streamState,
} from '../../../harness/airbyte/play.ts';

function translate(streams: Record<string, unknown>[], blocks: Line[][], endedWell = true) {
  const read = openSourceRead({
    streams: syncStreams(streams, null),
    state: openSourceState(null),
    log: { message: () => {}, failure: () => {}, stray: () => {}, say: () => {} },
    startedAtMs: 5,
  });
  const translator = createTranslator(read, () => {});
  const texts = blocks.map((lines) =>
    translator.take(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
  );
  const lines = [...texts, translator.end(endedWell)].join('').split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line): Record<string, unknown> => JSON.parse(line));
}

test('a SCHEMA comes before the first row of its stream, once, and rows say when they were read', () => {
  const rows = [1, 2, 3].map((id) => record('deals', { id }));
  const messages = translate([described('deals', INCREMENTAL)], [rows.slice(0, 1), [], rows.slice(1)]);
  expect(messages.map(({ type }) => type)).toEqual(['SCHEMA', 'RECORD', 'RECORD', 'RECORD']);
  expect(messages[0]).toMatchObject({ stream: 'deals', key_properties: ['id'] });
  expect(messages[3]).toEqual({
    type: 'RECORD',
    stream: 'deals',
    record: { id: 3 },
    time_extracted: '2026-01-01T00:00:00.000Z',
  });
});

test('rows of a stream without a key are numbered, and only the end of the stream ends the older ones', () => {
  const rows = [{ id: 1 }, {}, { id: 1 }].map((data) => record('deals', data));
  const messages = translate([described('deals')], [rows, [status('deals', 'COMPLETE')]]);
  expect(messages.slice(1)).toMatchObject([
    { version: 5, record: { _airbyte_raw_id: '5-1', id: 1 } },
    { version: 5, record: { _airbyte_raw_id: '5-2' } },
    { version: 5, record: { _airbyte_raw_id: '5-3', id: 1 } },
    { type: 'ACTIVATE_VERSION', version: 5 },
  ]);
  const cut = translate([described('deals')], [rows], false);
  expect(cut.map(({ type }) => type)).not.toContain('ACTIVATE_VERSION');
});

test('of states too many and too big to pass on each the last one is passed on', () => {
  const filler = 'x'.repeat(100_000);
  const states = Array.from({ length: 50 }, (_, at) => streamState('deals', { at, filler }));
  const messages = translate(
    [described('deals', INCREMENTAL)],
    states.map((state) => [state]),
  );
  const passed = messages.filter(({ type }) => type === 'STATE');
  expect(JSON.stringify(passed.at(-1))).toContain('{"at":49,');
});

test('lines of several streams in turn go to their own streams', () => {
  const streams = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => described(name, INCREMENTAL));
  const lines = Array.from({ length: 60 }, (_, id) => record('abcdef'[id % 6] ?? '', { id }));
  const rows = translate(streams, [lines]).filter(({ type }) => type === 'RECORD');
  expect(rows.map(({ stream, record: row }) => [stream, row])).toEqual(
    Array.from({ length: 60 }, (_, id) => ['abcdef'[id % 6], { id }]),
  );
});
