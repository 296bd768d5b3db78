import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memberSpans } from '../../../../src/adapters/runner/airbyte/json-span.ts';

test('every member of an object is found where it stands, whatever is in it and around it', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.nat(3),
      (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const cut = memberSpans(text).map(({ key, start, end }) => [key, JSON.parse(text.slice(start, end))]);
        expect(cut).toEqual(Object.entries(JSON.parse(text)));
      },
    ),
  );
});

test('a value is cut out as it was written', () => {
  const text = '{"a" : 1.0, "b":{"c":"}\\"{\\\\"} ,"d":[1e400,"]"]}';
  expect(memberSpans(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    '1.0',
    '{"c":"}\\"{\\\\"}',
    '[1e400,"]"]',
  ]);
});

test('a text that ends in the middle is a SyntaxError, not a wrong answer', () => {
  const text = '{"a":{"b":"c\\"d"},"e":"f"}';
  for (let length = 6; length < text.length - 1; length += 1) {
    const cut = text.slice(0, length);
    try {
      for (const { start, end } of memberSpans(cut)) JSON.parse(cut.slice(start, end));
    } catch (error) {
      expect(error).toBeInstanceOf(SyntaxError);
    }
  }
});
