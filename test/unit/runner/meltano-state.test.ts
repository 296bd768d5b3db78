import { expect, test } from 'vitest';
import { sameState } from '../../../src/adapters/runner/meltano/state.ts';
import { frameLine, frameOf, type RelayFrame } from '../../../src/singer/relay-frame.ts';

test('states are the same however Python writes them', () => {
  expect(sameState('{"a": 1.10, "b": {"c": 1e2}}', '{"b":{"c":100},"a":1.1}')).toBe(true);
  expect(sameState('{"a":1}', '{"a":2}')).toBe(false);
  expect(sameState(null, '{}')).toBe(false);
  expect(sameState(null, null)).toBe(true);
});

test.each<RelayFrame>([
  { kind: 'state', state: '{"a":"S\\nD"}' },
  { kind: 'done' },
  { kind: 'failed', reason: 'Line 4: no.' },
])('a frame is read as it was written: %j', (frame) => {
  const line = frameLine(frame);
  expect(line.indexOf('\n')).toBe(line.length - 1);
  expect(frameOf(line.trimEnd())).toEqual(frame);
});

test('a reason of several lines stays one frame, and what is none is none', () => {
  expect(frameLine({ kind: 'failed', reason: 'a\nD\nb' })).toBe('Fa D b\n');
  expect(frameOf('Done')).toBeNull();
});
