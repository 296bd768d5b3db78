import { expect, test } from 'vitest';
import { jsonDepth } from '../../../src/domain/json-depth.ts';

test.each([
  ['1', 0],
  ['"[[["', 0],
  ['{}', 1],
  ['[[],[[]]]', 3],
  ['{"a":{"b":[1]},"c":{}}', 3],
  ['{"\\"{{":"\\\\"}', 1],
  ['["\\\\\\"[",[]]', 2],
])('%s is %i deep', (text, depth) => {
  expect(() => JSON.parse(text)).not.toThrow();
  expect(jsonDepth(text)).toBe(depth);
});

test('a document as deep as a body can be is measured', () => {
  expect(jsonDepth(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)).toBe(500_000);
});
