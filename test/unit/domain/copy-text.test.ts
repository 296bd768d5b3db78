import { expect, test } from 'vitest';
import { copyField, textOfField } from '../../../src/domain/copy-text.ts';

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
  expect(copyField(value)).toBe(text);
});

test('NUL and half characters are refused', () => {
  for (const text of ['a\0', '\udc00']) {
    expect(() => copyField(text)).toThrow(expect.objectContaining({ code: 'lakehouse.value_refused' }));
  }
});

test.each([null, '', '\\', '\\N', '\\.', 'a\tb\r\nc\\', 'ü\b\f\v'])(
  '%j read from its field is the same text',
  (text) => {
    expect(textOfField(copyField(text))).toBe(text);
  },
);

test('the letters Postgres writes for control characters are read', () => {
  expect(textOfField('\\b\\f\\v\\n\\\\n')).toBe('\b\f\v\n\\n');
});
