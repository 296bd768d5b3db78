import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLossless } from '../../../src/domain/lossless-json.ts';

test.each(['9007199254740993', '1.0', '1e400', '-0', '0.1000', '123456789012345678901234567890.123'])(
  'the number %s is printed as it was written',
  (number) => {
    const text = `{"a":[${number}]}`;
    expect(JSON.stringify(parseLossless(text))).toBe(text);
  },
);

test('any JSON document keeps its meaning', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(JSON.parse(JSON.stringify(parseLossless(text)))).toEqual(JSON.parse(text));
    }),
  );
});
