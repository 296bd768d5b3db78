import { expect, test } from 'vitest';
import { openSourceState } from '../../../../src/adapters/runner/airbyte/source-state.ts';
import { parseLossless } from '../../../../src/domain/lossless-json.ts';
import { isObject } from '../../../../src/singer/json-schema.ts';

const stream = (name: string, state: string, namespace?: string) =>
  `{"type":"STREAM","stream":{"stream_descriptor":{"name":"${name}"${namespace ? `,"namespace":"${namespace}"` : ''}},"stream_state":${state}}}`;
const GLOBAL = `{"type":"GLOBAL","global":{"shared_state":{"lsn":9007199254740993},"stream_states":[{"stream_descriptor":{"name":"a"},"stream_state":{"at":1.0}}]}}`;

function take(state: ReturnType<typeof openSourceState>, ...messages: string[]): void {
  for (const message of messages) {
    const value = parseLossless(message);
    if (isObject(value)) state.take(value);
  }
}

test('states of streams are merged by name and namespace, the last of each counts', () => {
  const state = openSourceState(`{"airbyte":[${stream('a', '1')},${stream('a', '2', 'n')}]}`);
  take(state, stream('b', '{"x":1.10}'), stream('a', '9007199254740993'));
  const list = [stream('a', '9007199254740993'), stream('a', '2', 'n'), stream('b', '{"x":1.10}')];
  expect(state.forSource()).toBe(`[${list.join(',')}]`);
  expect(state.text({})).toBe(`{"airbyte":[${list.join(',')}]}`);
  expect(openSourceState(state.text({})).forSource()).toBe(state.forSource());
});

test('a GLOBAL state takes the place of all before it, and takes up later states of streams', () => {
  const state = openSourceState(`{"airbyte":[${stream('old', '1')}]}`);
  take(state, GLOBAL);
  expect(state.forSource()).toBe(`[${GLOBAL}]`);
  take(state, stream('b', '{"at":2}'));
  expect(JSON.parse(state.forSource() ?? '')).toMatchObject([
    {
      type: 'GLOBAL',
      global: {
        stream_states: [
          { stream_descriptor: { name: 'a' } },
          { stream_descriptor: { name: 'b' }, stream_state: { at: 2 } },
        ],
      },
    },
  ]);
  expect(state.forSource()).toContain('9007199254740993');
});

test('a LEGACY state goes back as the bare object an old source expects', () => {
  for (const message of ['{"type":"LEGACY","data":{"a":{"at":1.0}}}', '{"data":{"a":{"at":1.0}}}']) {
    const state = openSourceState(null);
    take(state, message);
    expect(state.text({})).toBe(`{"airbyte":[${message}]}`);
    expect(openSourceState(state.text({})).forSource()).toBe('{"a":{"at":1.0}}');
  }
});

test('counts of a state message are not kept', () => {
  const state = openSourceState(null);
  take(state, `${stream('a', '1').slice(0, -1)},"sourceStats":{"recordCount":2.0}}`);
  expect(state.forSource()).toBe(`[${stream('a', '1')}]`);
});

test('a state of another shape goes back as it came, until the source says a new one', () => {
  const foreign = '{"bookmarks": {"a": 1.0}}';
  const state = openSourceState(foreign);
  expect(state.forSource()).toBe(foreign);
  take(state, stream('a', '1'));
  expect(state.forSource()).toBe(`[${stream('a', '1')}]`);
});

test('there is nothing to go on from at first, and after the last stream is forgotten', () => {
  expect(openSourceState(null).forSource()).toBeNull();
  const state = openSourceState(`{"airbyte":[${stream('a', '1')}],"refreshes":{"a":{"version":5,"rows":2}}}`);
  expect(state.refreshOf('a')).toEqual({ version: 5, rows: 2 });
  expect(state.has({ name: 'a', namespace: null })).toBe(true);
  state.forget({ name: 'a', namespace: null });
  expect(state.forSource()).toBeNull();
  expect(state.text({})).toBe('{"airbyte":[]}');
});
