import { describe, expect, it } from 'vitest';
import { cellTextFor } from '../../../src/singer/cell-text.ts';
import { columnType } from '../../../src/singer/column-type.ts';
import { compileCheck } from '../../../src/singer/record-check.ts';
import { widerType } from '../../../src/singer/widen.ts';

describe('column types are those of target-postgres', () => {
  it.each<[object, string]>([
    [{ type: 'string' }, 'text'],
    [{ type: ['null', 'string'], format: 'date-time' }, 'timestamp without time zone'],
    [{ type: 'string', format: 'time' }, 'time without time zone'],
    [{ type: 'string', format: 'uuid' }, 'uuid'],
    [{ type: 'string', format: 'singer.decimal' }, 'text'],
    [{ type: 'string', format: 'x-singer.decimal', precision: 10, scale: 2 }, 'numeric(10,2)'],
    [{ type: 'integer' }, 'bigint'],
    [{ type: 'integer', minimum: -32768, maximum: 32767 }, 'smallint'],
    [{ type: 'integer', minimum: -2147483648, maximum: 2147483647 }, 'integer'],
    [{ type: ['integer', 'number', 'null'] }, 'numeric'],
    [{ type: ['integer', 'string'] }, 'text'],
    [{ type: ['object', 'string'] }, 'jsonb'],
    [{ type: 'array' }, 'jsonb'],
    [{ type: 'array', items: { type: ['null', 'integer'] } }, 'bigint[]'],
    [{ type: 'array', items: { type: 'object' } }, 'jsonb[]'],
    [{ type: 'array', items: { type: 'array', items: { type: 'string' } } }, 'jsonb[]'],
    [{ type: 'array', items: { type: 'string', format: 'date' } }, 'text[]'],
    [{ anyOf: [{ type: 'null' }, { type: 'string', format: 'date' }] }, 'date'],
    [{ oneOf: [{ type: 'integer' }, { type: 'null' }] }, 'text'],
    [{ oneOf: [{ type: 'integer' }, { type: 'object' }] }, 'text'],
    [{ type: 'null' }, 'text'],
    [{}, 'text'],
  ])('%j is %s', (schema, type) => expect(columnType(schema)).toBe(type));
});

describe('a column of anyOf holds what any member allows', () => {
  const at = { type: 'string', format: 'date-time' };
  it.each<[object[], string]>([
    [[{ type: 'integer' }, { type: 'string' }], 'text'],
    [[at, { type: 'string' }], 'text'],
    [[at, { type: 'string' }, { type: 'null' }], 'text'],
    [[at, { type: ['string', 'null'], format: 'date' }], 'timestamp without time zone'],
    [[at, { type: 'null' }], 'timestamp without time zone'],
    [[{ type: 'integer' }, { type: 'number' }, { type: 'null' }], 'numeric'],
    [[{ type: 'integer', minimum: 0, maximum: 9 }, { type: 'integer' }], 'bigint'],
    [[{ type: 'number' }, { type: 'boolean' }], 'text'],
    [[{ type: 'object' }, { type: 'string' }], 'jsonb'],
    [[{ type: 'array', items: { type: 'integer' } }, { type: 'integer' }], 'jsonb'],
    [[{ type: 'array', items: { type: 'integer' } }, { type: 'null' }], 'bigint[]'],
    [[{ anyOf: [{ type: 'integer' }, { type: 'null' }] }, { type: 'number' }], 'numeric'],
    [[{ type: 'integer' }, { $ref: '#/definitions/any' }], 'text'],
    [[{ type: 'null' }], 'text'],
  ])('%j: %s', (anyOf, type) => expect(columnType({ anyOf })).toBe(type));
});

describe('wider types', () => {
  it.each([
    ['integer', 'bigint', 'bigint'],
    ['numeric', 'smallint', 'numeric'],
    ['numeric(10,2)', 'bigint', 'numeric'],
    ['date', 'timestamp without time zone', 'timestamp without time zone'],
    ['boolean', 'bigint', 'text'],
    ['jsonb', 'text', 'jsonb'],
    ['text', 'jsonb', 'text'],
  ])('%s meeting %s becomes %s', (current, wanted, wider) => expect(widerType(current, wanted)).toBe(wider));
});

describe('a date-time becomes UTC', () => {
  it.each([
    ['2024-01-01 00:00:00 -0500', '2024-01-01T05:00:00'],
    ['2024-01-01T00:00:00 -05:00', '2024-01-01T05:00:00'],
    ['2024-01-01t00:00:00.25+05:30:15', '2023-12-31T18:29:45.25'],
    ['2024-01-01 00:00:00+5', '2023-12-31T19:00:00'],
    ['2024-01-01 00:00:00-15:59:59', '2024-01-01T15:59:59'],
    ['2024-01-01 00:00+0530', '2023-12-31T18:30:00'],
    ['20240101T000000-0500', '2024-01-01T05:00:00'],
    ['9999-12-31T23:59:59-05:00', '10000-01-01T04:59:59'],
    ['2024-01-01 00:00:00 UTC', '2024-01-01 00:00:00 UTC'],
    ['2024-01-01 00:00:00 GMT', '2024-01-01 00:00:00 GMT'],
    ['2024-01-01 00:00:00', '2024-01-01 00:00:00'],
    ['2024-01-01', '2024-01-01'],
    ['1 Jan 2024 10:00 PM', '1 Jan 2024 10:00 PM'],
    ['01/02/2024 10:00:00', '01/02/2024 10:00:00'],
  ])('%s is %s', (text, utc) => expect(cellTextFor('timestamp without time zone')(text)).toBe(utc));

  it.each([
    '2024-01-01 00:00:00 EST',
    '2024-01-01 00:00:00 America/New_York',
    '2024-01-01 00:00:00 PST8PDT',
    '2024-01-01T00:00:00[Europe/Berlin]',
    '2024-01-01T00:00:00+01:00[Europe/Berlin]',
    '2024-01-01 00:00:00+99:00',
    '2024-01-01 00:00:00+24:00',
    '2024-01-01 00:00:00+16:00',
    '2024-01-01 00:00:00+05:60',
    '2024-01-01 00:00:00 UTC+2',
    '2024-01-01 00:00:00 -05:00 Z',
    '01/02/2024 10:00:00 EST',
    '01/02/2024 10:00:00 -0500',
    '1 Jan 2024 10:00 PM +02',
    '12024-01-01T00:00:00+02:00',
    '20240101-0500',
    '2024-01-01-05',
  ])('%s is refused: its zone would be dropped', (text) =>
    expect(() => cellTextFor('timestamp without time zone')(text)).toThrow(
      expect.objectContaining({ code: 'singer.value_refused' }),
    ),
  );
});

describe('cells', () => {
  it.each<[string, unknown, string]>([
    ['bigint', 5, '5'],
    ['bigint', '\u00801.20e2', '120'],
    ['smallint', -32768, '-32768'],
    ['timestamp without time zone', '2024-03-10T01:30:00.1234567-05:30', '2024-03-10T07:00:00.1234567'],
    ['timestamp without time zone', '2024-03-10T01:30:00Z', '2024-03-10T01:30:00Z'],
    ['date', '2024-03-10T00:00:00Z', '2024-03-10'],
    ['text', 'a\tb\\N\n\0', 'a\\tb\\\\N\\n\ufffd'],
    ['text', { a: 1 }, '{"a":1}'],
    ['text[]', ['a"b', null, 'c\\d'], '{"a\\\\"b",NULL,"c\\\\\\\\d"}'],
    [
      'jsonb',
      { s: '\ud800', n: 'a\u0000b', k: '\\u0000' },
      '{"s":"\ufffd","n":"a\ufffdb","k":"\\\\\\\\u0000"}',
    ],
  ])('%s of %j is %s', (type, value, text) => expect(cellTextFor(type)(value)).toBe(text));

  it.each<[string, unknown]>([
    ['bigint', 1.5],
    ['bigint', true],
    ['bigint', '\u00801e-1'],
    ['boolean', 'true'],
    ['date', '2024-03-10T11:00:00Z'],
    ['timestamp without time zone', 'infinity'],
    ['numeric', 'NaN'],
    ['text[]', 'a'],
    ['date', '2023-02-29'],
    ['date', '0000-00-00'],
    ['timestamp without time zone', '2024-13-01T00:00:00Z'],
    ['timestamp without time zone', '2024-01-01T25:00:00+02:00'],
    ['uuid', 'f81d4fae-7dec-11d0-a765'],
    ['numeric(4,2)', '123.4'],
  ])('%s refuses %j', (type, value) =>
    expect(() => cellTextFor(type)(value)).toThrow(expect.objectContaining({ code: 'singer.value_refused' })),
  );
});

describe('record checks', () => {
  it.each<[object, unknown, string | null]>([
    [{ type: 'integer' }, 1, null],
    [{ type: 'integer' }, '\u00801.0', null],
    [{ type: 'integer' }, '\u008012345678901234567890', null],
    [{ type: 'integer' }, '1', 'v: is not integer'],
    [{ type: 'string' }, '\u0080s\u0080x', null],
    [{ type: 'string' }, '\u00801.10', 'v: is not string'],
    [
      { properties: { a: { type: 'object', properties: { b: { type: 'number' } } } } },
      { a: { b: 'x' } },
      'v.a.b: is not number',
    ],
    [{ properties: { a: {} }, additionalProperties: false }, { b: 1 }, 'v.b: nothing is allowed here'],
    [{ enum: ['a', 1.1] }, '\u00801.10', null],
    [{ enum: ['a'] }, 'b', 'v: is not one of the allowed values'],
    [{ anyOf: [{ type: 'string' }, { type: 'null' }] }, 5, 'v: matches none of anyOf'],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, 5, 'v: must match exactly one of oneOf'],
    [{ minimum: 0, exclusiveMinimum: true }, 0, 'v: is below or at 0'],
    [{ maxLength: 2 }, '😀😀', null],
    [
      { items: { $ref: '#/definitions/n' }, definitions: { n: { type: 'number' } } },
      [1, 'x'],
      'v[1]: is not number',
    ],
    [{ type: 'number', multipleOf: 1e-10 }, 0.1, null],
  ])('%j on %j', (schema, value, problem) => expect(compileCheck(schema)(value, 'v')).toBe(problem));

  it('a schema of an unknown type is refused', () => {
    expect(() => compileCheck({ type: 'int' })).toThrow('unknown type');
  });
});
