import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  formatLakeType,
  type LakeType,
  parseLakeType,
  type ScalarLakeType,
} from '../../../src/domain/lake-type.ts';

const scalarType: fc.Arbitrary<LakeType> = fc.oneof(
  fc
    .constantFrom(
      'string',
      'boolean',
      'int',
      'long',
      'double',
      'date',
      'timestamptz',
      'binary',
      'uuid',
      'json',
    )
    .map((kind) => parseLakeType(kind)),
  fc
    .tuple(fc.integer({ min: 1, max: 38 }), fc.nat(38))
    .map(
      ([precision, scale]): LakeType => ({ kind: 'decimal', precision, scale: Math.min(scale, precision) }),
    ),
);
const keyType: fc.Arbitrary<ScalarLakeType> = fc.constantFrom(
  { kind: 'string' },
  { kind: 'long' },
  { kind: 'uuid' },
);
const fieldName = fc.constantFrom('a', 'Größe', 'a b', '$ref', 'user.name', '1st', 'x-y', 'struct', '@type');
const { type: anyType } = fc.letrec<{ type: LakeType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 7, depthSize: 'small' },
    scalarType,
    fc.record({ kind: fc.constant('list' as const), element: tie('type') }),
    fc.record({ kind: fc.constant('map' as const), key: keyType, value: tie('type') }),
    fc.record({
      kind: fc.constant('struct' as const),
      fields: fc.uniqueArray(fc.record({ name: fieldName, type: tie('type') }), {
        minLength: 1,
        maxLength: 4,
        selector: ({ name }) => name,
      }),
    }),
  ),
}));

test('every type is read from its text as it was', () => {
  fc.assert(
    fc.property(anyType, (type) => {
      expect(parseLakeType(formatLakeType(type))).toEqual(type);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['array<BIGINT>', 'list<long>'],
  [' List < varchar(20) > ', 'list<string>'],
  ['MAP<string, ARRAY<double>>', 'map<string,list<double>>'],
  [
    'struct<id: uuid, `Total $`: decimal(12, 2), tags: array>',
    'struct<id:uuid,`Total $`:decimal(12,2),tags:json>',
  ],
  ['struct<Total Amount:number>', 'struct<`Total Amount`:double>'],
  ['array', 'json'],
  ['struct', 'json'],
  ['map', 'json'],
  ['object', 'json'],
  ['list', 'json'],
  ['varchar(20)', 'string'],
  ['decimal(10)', 'decimal(10,0)'],
])('%s means %s', (name, type) => {
  expect(formatLakeType(parseLakeType(name))).toBe(type);
});

describe('a type that is none is refused with the place', () => {
  test.each([
    ['strnig', /"strnig" is no type; use one of string, boolean/],
    ['list<strnig>', /at element: "strnig" is no type/],
    ['struct<a:long,items:list<struct<price:money>>>', /at items\.element\.price: "money"/],
    ['map<string,map<int,foo>>', /at value\.value: "foo"/],
    ['map<double,int>', /at key: a key is one of string/],
    ['map<list<int>,int>', /at key: a key is one of string/],
    ['map<string>', /map<K,V> needs a key and a value/],
    ['list<>', /at element: "" is no type/],
    ['struct<>', /a field is name:type/],
    ['struct<a>', /a field is name:type/],
    ['struct<`a:long>', /a field is name:type/],
    ["struct<o'neil:long>", /a field is name:type/],
    ['struct<a:long,A:long>', /two fields "A"/],
    ['list<long', /list<\.\.\.> does not end/],
    ['list<long>>', /">" is left over/],
    ['list<long,int>', /does not end/],
    ['set<long>', /"set<" is not known/],
    ['struct<a:decimal(39,2)>', /at a: decimal\(p,s\) needs/],
    ['constructor', /"constructor" is no type/],
    [`${'list<'.repeat(9)}long${'>'.repeat(9)}`, /more than 8 types lie within each other/],
    [`struct<${Array.from({ length: 251 }, (_, n) => `f${n}:int`).join(',')}>`, /more than 250 fields/],
    ['x'.repeat(20_000), /more than 16384 characters/],
  ])('%s', (name, message) => {
    expect(() => parseLakeType(name)).toThrow(expect.objectContaining({ code: 'type.unknown' }));
    expect(() => parseLakeType(name)).toThrow(message);
  });

  test('however deep it is', () => {
    expect(() => parseLakeType('list<'.repeat(3_000))).toThrow(/more than 8/);
  });
});
