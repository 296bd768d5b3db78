import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonPlaces } from '../../../src/domain/json-places.ts';

const TEXT = `{
  "a": 1,
  "list": [
    "x",
    { "b": {
        "c" : [true, null,
          -1.5e3] } }
  ],
  "esc\\"aped\\u00e9": "{[,:\\n",
  "a": 2
}`;

test.each<[PropertyKey[], number]>([
  [['list'], 3],
  [['list', 0], 4],
  [['list', 1], 5],
  [['list', 1, 'b'], 5],
  [['list', 1, 'b', 'c'], 6],
  [['list', 1, 'b', 'c', 2], 7],
  [['esc"apedé'], 9],
  [['list', 1, 'b', 'none', 'at', 'all'], 5],
  [['list', 7], 3],
  [[], 1],
  [['nothing'], 1],
])('%j is in line %i', (path, line) => {
  expect(jsonPlaces(TEXT).lineOf(path)).toBe(line);
});

test('a key that is there twice is named with the line of the second', () => {
  expect(jsonPlaces(TEXT)).toMatchObject({ brokenLine: null, repeated: [{ path: ['a'], line: 10 }] });
});

test.each<[string, number]>([
  ['', 1],
  ['{\n"a": 1,\n}', 3],
  ['{\n"a" 1}', 2],
  ['[1\n2]', 2],
  ['[1,\n]', 2],
  ['{"a":\n[1}', 2],
  ['{\n"a": 01}', 2],
  ['{\n"a": "x\n"}', 2],
  ["{\n'a': 1}", 2],
  ['{}\n{}', 2],
  ['{\n"a": nul}', 2],
  ['[\n-]', 2],
  ['{\n"a": [1, 2', 2],
  [']', 1],
])('%j stops being JSON in line %i', (text, line) => {
  expect(jsonPlaces(text).brokenLine).toBe(line);
});

test('what JSON.parse takes is JSON all through, and what it refuses is not', () => {
  const json = fc.json().map((text) => JSON.stringify(JSON.parse(text), null, 2));
  fc.assert(fc.property(json, (text) => jsonPlaces(text).brokenLine === null));
  const broken = fc.tuple(fc.json(), fc.nat(), fc.constantFrom('', ',', '}', '"', ':', '1', ' '));
  fc.assert(
    fc.property(broken, ([text, at, put]) => {
      const changed = text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1);
      return (jsonPlaces(changed).brokenLine === null) === isJson(changed);
    }),
  );
});

test('a character that JSON allows as it stands is no end', () => {
  expect(jsonPlaces('["\u007f\u0085\u2028"]').brokenLine).toBeNull();
});

test('a text nested 2,000 deep is read', () => {
  expect(jsonPlaces(`${'['.repeat(2_000)}${']'.repeat(2_000)}`).brokenLine).toBeNull();
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
