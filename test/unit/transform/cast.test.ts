import { describe, expect, test } from 'vitest';
import { type LakeValue, parseLakeType } from '../../../src/domain/lake-type.ts';
import type { PyValue } from '../../../src/ports/expressions.ts';
import { castToLake } from '../../../src/transform/cast.ts';
import { printPyJson } from '../../../src/transform/py-json.ts';

const EXACT: [PyValue, type: string, LakeValue][] = [
  [null, 'long', null],
  ['a', 'string', 'a'],
  [true, 'string', 'true'],
  [85, 'string', '85.0'],
  [2n ** 70n, 'string', '1180591620717411303424'],
  [new Map([['a', [1n, 1]]]), 'string', '{"a":[1,1.0]}'],
  ['TRUE', 'boolean', true],
  ['off', 'boolean', false],
  [1n, 'boolean', true],
  ['-12', 'long', -12n],
  ['12.0', 'long', 12n],
  [12, 'int', 12n],
  [2n ** 31n - 1n, 'int', 2147483647n],
  [-(2n ** 63n), 'long', -(2n ** 63n)],
  [2n ** 60n, 'double', 2 ** 60],
  ['0.1', 'double', 0.1],
  ['NaN', 'double', Number.NaN],
  ['-0.0', 'double', -0],
  ['12.5', 'decimal(10,2)', '12.50'],
  ['12.500', 'decimal(10,2)', '12.50'],
  [0.29, 'decimal(10,2)', '0.29'],
  [1e22, 'decimal(38,0)', '10000000000000000000000'],
  ['-1e-2', 'decimal(4,2)', '-0.01'],
  [-5n, 'decimal(3,2)', '-5.00'],
  ['2024-02-29', 'date', '2024-02-29'],
  ['2024-02-29T00:00:00', 'date', '2024-02-29'],
  ['2026-03-28 12:00:00', 'timestamp', '2026-03-28T12:00:00'],
  ['2026-03-28T01:30:00+02:00', 'timestamptz', '2026-03-27T23:30:00Z'],
  ['2026-12-31T23:30:00.123456-01:00', 'timestamptz', '2027-01-01T00:30:00.123456Z'],
  ['2026-03-28', 'timestamptz', '2026-03-28T00:00:00Z'],
  ['9999-12-31T23:59:59.999999Z', 'timestamptz', '9999-12-31T23:59:59.999999Z'],
  ['9999-12-31T23:30:00+01:00', 'timestamptz', '9999-12-31T22:30:00Z'],
  ['9999-12-30T23:30:00-01:00', 'timestamptz', '9999-12-31T00:30:00Z'],
  ['0001-01-01T00:00:00', 'timestamp', '0001-01-01T00:00:00'],
  ['0001-01-02T00:30:00+01:00', 'timestamptz', '0001-01-01T23:30:00Z'],
  ['A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', 'uuid', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ['\\x6869', 'binary', Buffer.from('hi')],
  ['aGk=', 'binary', Buffer.from('hi')],
  [
    new Map<string, PyValue>([
      ['n', 2n ** 64n],
      ['1', 1],
    ]),
    'json',
    '{"n":18446744073709551616,"1":1.0}',
  ],
  [{ type: 'decimal', text: '12.50' }, 'decimal(10,2)', '12.50'],
  [{ type: 'decimal', text: '1E+3' }, 'long', 1000n],
  [{ type: 'decimal', text: '0.5' }, 'double', 0.5],
  [{ type: 'decimal', text: '1.00' }, 'boolean', true],
  [{ type: 'decimal', text: '12.50' }, 'string', '12.50'],
  [{ type: 'date', text: '2024-02-29' }, 'date', '2024-02-29'],
  [{ type: 'datetime', text: '2026-03-28 12:00:00+02:00' }, 'timestamptz', '2026-03-28T10:00:00Z'],
  [{ type: 'datetime', text: '2026-03-28 00:00:00' }, 'date', '2026-03-28'],
  [{ type: 'time', text: '07:05:00' }, 'string', '07:05:00'],
  [{ type: 'bytes', text: '6869' }, 'binary', Buffer.from('hi')],
  [[{ type: 'date', text: '2024-02-29' }], 'json', '["2024-02-29"]'],
  ['{"n": 1.50}', 'json', '{"n": 1.50}'],
  ['plain', 'json', '"plain"'],
];

const LOSSY: [PyValue, type: string, reason: RegExp][] = [
  ['maybe', 'boolean', /neither true nor false/],
  [2n, 'boolean', /neither/],
  [2n ** 31n, 'int', /out of range/],
  [2n ** 63n, 'long', /out of range/],
  [1.5, 'long', /not a whole number/],
  ['1.5', 'long', /not a whole number/],
  [Number.NaN, 'long', /not a whole number/],
  ['abc', 'long', /not a number/],
  ['1e999999', 'long', /not a whole number/],
  [2n ** 53n + 1n, 'double', /lose digits/],
  ['0.12345678901234567890', 'double', /lose digits/],
  ['12.345', 'decimal(10,2)', /more than 2 digits/],
  [0.1 + 0.2, 'decimal(10,2)', /round\(\.\.\., 2\)/],
  ['1000', 'decimal(5,2)', /out of range/],
  [Number.POSITIVE_INFINITY, 'decimal(5,2)', /finite/],
  ['2026-02-30', 'date', /no such day/],
  ['2026-03-28T12:00:00Z', 'date', /time of day/],
  [20260328n, 'date', /not text/],
  ['2026-03-28T24:00:00', 'timestamp', /no such time/],
  ['2026-03-28T12:00:00.1234567Z', 'timestamptz', /finer than a microsecond/],
  ['9999-12-31T23:30:00-01:00', 'timestamptz', /after 9999/],
  ['9999-12-31T23:30:00-01:00', 'timestamp', /after 9999/],
  ['0001-01-01T00:30:00+01:00', 'timestamptz', /before the year 1/],
  ['0000-12-31T23:00:00-02:00', 'timestamptz', /no such day/],
  ['10000-01-01', 'date', /not text like/],
  [{ type: 'datetime', text: '0001-01-01 00:00:00+23:59' }, 'timestamptz', /before the year 1/],
  ['yesterday', 'timestamptz', /not text like/],
  ['infinity', 'timestamptz', /not text like/],
  ['1234', 'uuid', /not a UUID/],
  ['not base64!', 'binary', /base64/],
  ['a\0b', 'string', /NUL/],
  [new Map([['a', Number.NaN]]), 'json', /NaN/],
  [{ type: 'decimal', text: '12.345' }, 'decimal(10,2)', /more than 2 digits/],
  [{ type: 'decimal', text: 'NaN' }, 'decimal(10,2)', /finite/],
  [{ type: 'decimal', text: '1.5' }, 'long', /not a whole number/],
  [{ type: 'decimal', text: '12.50' }, 'date', /it is a decimal/],
  [{ type: 'datetime', text: '2026-03-28 12:00:00' }, 'date', /time of day/],
  [{ type: 'date', text: '2026-03-28' }, 'long', /it is a date/],
  [{ type: 'bytes', text: '6869' }, 'string', /decode/],
];

describe('castToLake', () => {
  test.each(named(EXACT))('%s becomes %s exactly', (_name, type, value, expected) => {
    expect(castToLake(value, parseLakeType(type))).toEqual(expected);
  });

  test.each(named(LOSSY))('%s does not become %s: the reason is told', (_name, type, value, reason) => {
    expect(() => castToLake(value, parseLakeType(type))).toThrow(reason);
  });

  test('a cast error has a stable code and shows at most the start of a long value', () => {
    const cast = () => castToLake('x'.repeat(10_000), parseLakeType('long'));
    expect(cast).toThrow(expect.objectContaining({ code: 'cast.not_exact' }));
    expect(cast).toThrow(/^"x{59}\.\.\. does not become long: it is not a number$/);
  });
});

function named<Outcome>(table: [PyValue, string, Outcome][]): [string, string, PyValue, Outcome][] {
  return table.map(([value, type, outcome]) => [printPyJson(value), type, value, outcome]);
}
