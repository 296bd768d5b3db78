import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyFieldOf, textOfField } from '../../../src/domain/copy-text.ts';
import { isNestedType, type LakeValue, parseLakeType } from '../../../src/domain/lake-type.ts';
import type { PyValue } from '../../../src/ports/expressions.ts';
import { castToLake } from '../../../src/transform/cast.ts';
import { printPyJson } from '../../../src/transform/py-json.ts';
import { anyType, valueFor } from '../../harness/any-nested-value.ts';

const ORDER = 'struct<id:long,items:list<struct<sku:string,price:decimal(20,4)>>,tags:map<string,int>>';

function dict(entries: Record<string, PyValue>): Map<string, PyValue> {
  return new Map(Object.entries(entries));
}

const EXACT: [PyValue, type: string, LakeValue][] = [
  [null, 'list<long>', null],
  ['null', 'list<long>', null],
  [[], 'list<long>', []],
  [[1n, null, '3'], 'list<long>', [1n, null, 3n]],
  ['[9223372036854775807, 9007199254740993]', 'list<long>', [9223372036854775807n, 9007199254740993n]],
  [
    '[12345678901234567890.123456789, 1e2, 0.10]',
    'list<decimal(38,9)>',
    ['12345678901234567890.123456789', '100.000000000', '0.100000000'],
  ],
  ['[0.1, -0.0, 1e300]', 'list<double>', [0.1, -0, 1e300]],
  ['["a", 1.5, {"b": 1}, true]', 'list<string>', ['a', '1.5', '{"b":1}', 'true']],
  [
    '[0.1234567890123456789012, {"n": 12345678901234567890.50}, "x"]',
    'list<json>',
    ['0.1234567890123456789012', '{"n":12345678901234567890.50}', '"x"'],
  ],
  [[{ type: 'decimal', text: '1.50' }], 'list<json>', ['"1.50"']],
  [[{ type: 'date', text: '2024-02-29' }], 'list<date>', ['2024-02-29']],
  [dict({ b: 2n, a: 'x' }), 'struct<a:string,b:int>', ['x', 2n]],
  [dict({ a: 'x' }), 'struct<a:string,b:int>', ['x', null]],
  [dict({ a: 'x', gone: null }), 'struct<a:string>', ['x']],
  ['{"a": 1, "a": 2}', 'struct<a:int>', [2n]],
  [
    '{"b": 1, "a": 2, "b": 3}',
    'map<string,int>',
    [
      ['b', 3n],
      ['a', 2n],
    ],
  ],
  [
    '{"1": "x", "2": null, "01": "y"}',
    'map<int,string>',
    [
      [1n, 'y'],
      [2n, null],
    ],
  ],
  [
    '{"__proto__": 1, "constructor": 2}',
    'map<string,int>',
    [
      ['__proto__', 1n],
      ['constructor', 2n],
    ],
  ],
  [
    '{"id": 1, "items": [{"sku": "a", "price": 0.1}, null, {}], "tags": {}}',
    ORDER,
    [1n, [['a', '0.1000'], null, [null, null]], []],
  ],
];

describe('a nested value', () => {
  test.each(EXACT.map(([value, ...rest]) => [printPyJson(value), rest[0], value, rest[1]] as const))(
    '%s becomes %s exactly',
    (_, type, value, expected) => {
      expect(castToLake(value, parseLakeType(type))).toEqual(expected);
    },
  );

  test.each<[PyValue, string, RegExp]>([
    [
      '{"items": [{"price": 1}, {"price": "x"}]}',
      ORDER,
      /^orders\.items\[1\]\.price: "x" does not become decimal/,
    ],
    ['{"items": [{"price": 0.12345}]}', ORDER, /^orders\.items\[0\]\.price: 0\.12345 .* more than 4 digits/],
    [
      '{"items": {"price": 1}}',
      ORDER,
      /^orders\.items: \{"price":1\} does not become list<struct.*: it is not a list$/,
    ],
    ['{"id": 1, "colour": "red"}', ORDER, /^orders\.colour: "red" .*: the struct has no such field$/],
    ['{"id": 1, "Id": 2}', ORDER, /^orders\.Id: 2 .* no such field/],
    ['{"a b": [1.5]}', 'struct<`a b`:list<int>>', /^orders\["a b"\]\[0\]: 1\.5 does not become int/],
    [
      '{"tags": {"a": 2147483648}}',
      ORDER,
      /^orders\.tags\["a"\]: 2147483648 does not become int: it is out of range/,
    ],
    ['{"x": 1}', 'map<int,int>', /^orders\["x"\] \(key\): "x" does not become int/],
    ['[1', 'list<int>', /^orders: "\[1" does not become list<int>: it is not JSON$/],
    ['', 'list<int>', /it is not JSON/],
    ['5', 'list<int>', /it is not a list/],
    ['[]', 'map<string,int>', /it is not an object/],
    [7n, 'struct<a:int>', /it is not an object/],
    ['["a\\u0000b"]', 'list<string>', /^orders\[0\]: .* NUL/],
    ['[NaN]', 'list<json>', /^orders\[0\]: NaN .* JSON has no NaN/],
    ['['.repeat(20_000), 'list<int>', /it is not JSON/],
  ])('case %#: it is rejected with the place', (value, type, message) => {
    const cast = () => castToLake(value, parseLakeType(type), 'orders');
    expect(cast).toThrow(expect.objectContaining({ code: 'cast.not_exact' }));
    expect(cast).toThrow(message);
  });
});

test('text that only Python reads as JSON is a text to JSON', () => {
  expect(castToLake('[NaN]', { kind: 'json' })).toBe('"[NaN]"');
});

test('half a character is rejected with its row', () => {
  expect(() => castToLake('\ud800', { kind: 'string' })).toThrow(/half a character/);
});

describe('as a field of COPY', () => {
  test.each<[LakeValue, string, string]>([
    [[9007199254740993n, null], 'list<long>', '[9007199254740993,null]'],
    [[-0, Number.NaN, 1e21, -36179648458927530], 'list<double>', '[-0.0,"NaN",1e+21,-36179648458927530.0]'],
    [
      ['12.50', 'a"b\\\n', ['x', true]],
      'struct<p:decimal(4,2),`a b`:string,s:struct<c:string,d:boolean>>',
      '{"p":12.50,"a b":"a\\"b\\\\\\n","s":{"c":"x","d":true}}',
    ],
    [[[1n, Uint8Array.of(0, 255)]], 'map<int,binary>', '{"1":"\\\\x00ff"}'],
    [['{"n":1.50}', null], 'list<json>', '[{"n":1.50},null]'],
  ])('case %#: it is JSON', (value, type, json) => {
    const field = copyFieldOf(value, parseLakeType(type));
    expect(textOfField(field)).toBe(json);
    expect(field).not.toMatch(/[\t\n\r]/);
  });

  test.each<[LakeValue, string]>([
    ['x', 'list<long>'],
    [['x'], 'list<long>'],
    [[1n], 'struct<a:long,b:long>'],
    [[[null, 1n]], 'map<string,long>'],
    [[1n], 'long'],
  ])('case %#: what does not fit its type is refused', (value, type) => {
    expect(() => copyFieldOf(value, parseLakeType(type))).toThrow(
      expect.objectContaining({ code: 'lakehouse.refused' }),
    );
  });
});

test('what is printed as JSON is cast back to the same value, whatever it is', () => {
  const typed = anyType.filter(isNestedType).chain((type) => fc.tuple(fc.constant(type), valueFor(type)));
  fc.assert(
    fc.property(typed, ([type, value]) => {
      expect(castToLake(textOfField(copyFieldOf(value, type)), type)).toEqual(value);
    }),
    { numRuns: 300 },
  );
});
