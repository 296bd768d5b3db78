import { expect, test } from 'vitest';
import { formatLakeType, parseLakeType } from '../../../src/domain/lake-type.ts';
import { addedFields, holdsLosslessly, widens } from '../../../src/domain/lake-type-widening.ts';
import { lakeTypeOfStaging } from '../../../src/domain/staging-type.ts';

test.each([
  ['long', 'int', true],
  ['int', 'long', false],
  ['double', 'int', true],
  ['double', 'long', false],
  ['decimal(38,9)', 'long', true],
  ['decimal(10,0)', 'long', false],
  ['decimal(20,4)', 'decimal(18,2)', true],
  ['decimal(18,2)', 'decimal(18,4)', false],
  ['decimal(18,4)', 'decimal(18,2)', false],
  ['string', 'uuid', true],
  ['string', 'long', false],
  ['timestamptz', 'timestamp', false],
  ['json', 'json', true],
  ['json', 'list<long>', false],
  ['list<long>', 'json', false],
  ['list<long>', 'list<long>', true],
  ['list<long>', 'list<int>', false],
  ['struct<a:long>', 'struct<a:long,b:long>', false],
  ['struct<a:long,b:long>', 'struct<a:long>', false],
])('a %s column holds %s values: %s', (existing, wanted, holds) => {
  expect(holdsLosslessly(parseLakeType(existing), parseLakeType(wanted))).toBe(holds);
});

test.each([
  ['integer', { kind: 'int' }],
  ['bigint', { kind: 'long' }],
  ['numeric', { kind: 'double' }],
  ['numeric(10,2)', { kind: 'decimal', precision: 10, scale: 2 }],
  ['numeric(50,2)', { kind: 'string' }],
  ['timestamp(3) without time zone', { kind: 'timestamp' }],
  ['timestamp with time zone', { kind: 'timestamptz' }],
  ['text[]', { kind: 'json' }],
  ['character varying(20)', { kind: 'string' }],
  ['interval', { kind: 'string' }],
])('a staged %s passes through as %j', (staged, type) => {
  expect(lakeTypeOfStaging(staged)).toEqual(type);
});

test.each([
  ['struct<a:long>', 'struct<a:long,b:list<uuid>>', [[['b'], 'list<uuid>']]],
  [
    'list<map<string,struct<a:struct<x:int>>>>',
    'list<map<string,struct<a:struct<x:int,y:int>,b:json>>>',
    [
      [['element', 'value', 'a', 'y'], 'int'],
      [['element', 'value', 'b'], 'json'],
    ],
  ],
  ['struct<a:long>', 'struct<a:long>', []],
  ['struct<a:long>', 'struct<b:long,a:long>', []],
  ['struct<a:long>', 'struct<a:string,b:long>', []],
  ['map<string,struct<a:long>>', 'map<long,struct<a:long,b:long>>', []],
  ['list<long>', 'list<string>', []],
  ['struct<a:long,b:long>', 'struct<a:long>', []],
])('%s becomes %s by the fields added at the end', (existing, wanted, added) => {
  const [from, to] = [parseLakeType(existing), parseLakeType(wanted)];
  expect(addedFields(from, to).map(({ path, type }) => [path, formatLakeType(type)])).toEqual(added);
  expect(widens(from, to)).toBe(added.length > 0);
});
