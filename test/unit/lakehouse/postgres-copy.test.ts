import { expect, test } from 'vitest';
import { copyText } from '../../../src/adapters/lakehouse/postgres-copy.ts';

test.each([
  [null, '\\N'],
  ['\\N', '\\\\N'],
  ['\\.', '\\\\.'],
  ['a\tb\r\nc', 'a\\tb\\r\\nc'],
  [true, 't'],
  [false, 'f'],
  [-0, '-0'],
  [Number.NaN, 'NaN'],
  [-Infinity, '-Infinity'],
  [2n ** 63n - 1n, '9223372036854775807'],
  [Uint8Array.of(0, 255), '\\\\x00ff'],
])('%s is written as %s', (value, text) => {
  expect(copyText(value)).toBe(text);
});

test('NUL and half characters are refused', () => {
  for (const text of ['a\0', '\udc00']) {
    expect(() => copyText(text)).toThrow(expect.objectContaining({ code: 'lakehouse.value_refused' }));
  }
});
