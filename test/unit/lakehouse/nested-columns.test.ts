import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as postgres from '../../../src/adapters/lakehouse/postgres-types.ts';
import { sparkLiteral } from '../../../src/adapters/lakehouse/spark/spark-literals.ts';
import * as spark from '../../../src/adapters/lakehouse/spark/spark-types.ts';
import { type LakeValue, parseLakeType } from '../../../src/domain/lake-type.ts';
import { anyType } from '../../harness/any-nested-value.ts';

/** As DESCRIBE prints the type of a column. */
function described(type: string): string {
  return type.replaceAll('`', '').replaceAll(': ', ':').toLowerCase();
}

const MARKED = [
  'list<json>',
  'map<uuid,json>',
  'struct<id:uuid,at:timestamp,z:timestamptz,n:decimal(38,9),l:list<struct<j:json,s:string>>>',
].map(parseLakeType);

test('a nested type is found again in what the engine and the comment say of its column', () => {
  fc.assert(
    fc.property(fc.oneof(anyType, fc.constantFrom(...MARKED)), (type) => {
      expect(spark.lakeTypeOf(described(spark.sparkType(type)), spark.commentOf(type))).toEqual(type);
      expect(postgres.lakeTypeOf(postgres.postgresType(type), postgres.commentOf(type))).toEqual(type);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['struct<a:float>', null, null],
  ['array<tinyint>', null, { kind: 'list', element: { kind: 'int' } }],
  ['string', 'object', { kind: 'string' }],
  ['string', 'who made it', { kind: 'string' }],
  ['array<string>', 'list<json>, they say', { kind: 'list', element: { kind: 'string' } }],
  ['array<bigint>', 'list<json>', { kind: 'list', element: { kind: 'long' } }],
  ['interval day to second', null, null],
])('a column somebody made as %s, commented %j, is taken for what it is', (type, comment, expected) => {
  expect(spark.lakeTypeOf(type, comment)).toEqual(expected);
});

test('what a comment says of fields that others added or removed does not matter', () => {
  const comment = spark.commentOf(parseLakeType('struct<a:json,gone:uuid>'));
  expect(spark.lakeTypeOf('struct<new:string,a:string>', comment)).toEqual(
    parseLakeType('struct<new:string,a:json>'),
  );
});

test.each([
  ['json', 'who made it', { kind: 'json' }],
  ['json', 'long', { kind: 'json' }],
  ['text', 'list<long>', { kind: 'string' }],
])('a Postgres column %s, commented %j, is taken for what it is', (type, comment, expected) => {
  expect(postgres.lakeTypeOf(type, comment)).toEqual(expected);
});

test.each<[string, LakeValue, string]>([
  ['list<int>', [1n, null], 'CAST(array(CAST(1L AS INT), CAST(NULL AS INT)) AS ARRAY<INT>)'],
  ['list<long>', [], 'CAST(array() AS ARRAY<BIGINT>)'],
  ['map<string,long>', [["'", 1n]], "CAST(map(CAST(X'27' AS STRING), 1L) AS MAP<STRING,BIGINT>)"],
  ['struct<`a b`:string>', ['x'], "CAST(struct('x') AS STRUCT<`a b`: STRING>)"],
])('%s is written as an expression of its type', (type, value, text) => {
  expect(sparkLiteral(value, parseLakeType(type))).toBe(text);
});

test.each<[string, LakeValue]>([
  ['list<long>', 'x'],
  ['list<long>', ['1); drop table x; --']],
  ['struct<a:long,b:long>', [1n]],
  ['map<string,long>', [[null, 1n]]],
  ['map<string,long>', ['ab']],
  ['long', [1n]],
])('what %s cannot hold is refused', (type, value) => {
  expect(() => sparkLiteral(value, parseLakeType(type))).toThrow(
    expect.objectContaining({ code: 'lakehouse.refused' }),
  );
});
