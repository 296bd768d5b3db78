import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { valueReader } from '../../../src/adapters/foundry/postgres/values.ts';
import { readJson } from '../../../src/adapters/foundry/read-json.ts';
import type { StoreValue } from '../../../src/domain/foundry/store-value.ts';

/** As JSON.parse would have it. */
function plain(value: StoreValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, item]) => [name, plain(item)]));
  return typeof value === 'object' && value !== null && 'decimal' in value ? Number(value.decimal) : value;
}

describe('JSON of a store', () => {
  test('is what JSON.parse makes of it, for any document', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        // -0 and 0 are one here, as they are in print
        expect(JSON.stringify(plain(readJson(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  test('keeps every digit and the order of names', () => {
    expect(readJson('{"b":9007199254740993,"1":0.10,"a":[1e400,-0.5,12345678901234567890.5]}')).toEqual(
      new Map<string, unknown>([
        ['b', 9007199254740993n],
        ['1', { decimal: '0.10' }],
        ['a', [{ decimal: '1e400' }, -0.5, { decimal: '12345678901234567890.5' }]],
      ]),
    );
  });

  test.each(['', '{"a":1', '[1] 2', 'nonsense', '{"a" 1}', '"open', '['.repeat(200_000)])(
    'that is none, or too deep, stays text: %.20j',
    (text) => {
      expect(readJson(text)).toBe(text);
    },
  );

  test('takes a text of many megabytes', () => {
    const text = JSON.stringify('x"\\'.repeat(3_000_000));
    expect(readJson(text)).toHaveLength(9_000_000);
  });
});

describe('arrays of Postgres', () => {
  const [text, whole, decimal] = [1009, 1016, 1231].map(valueReader);

  test.each<[string, StoreValue]>([
    ['{}', []],
    ['{a,"b,c","d\\"e","\\\\",NULL,"NULL",""}', ['a', 'b,c', 'd"e', '\\', null, 'NULL', '']],
    [
      '{{a,b},{c,d}}',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['[0:1]={a,b}', '[0:1]={a,b}'],
  ])('%s', (printed, value) => {
    expect(text?.(printed)).toEqual(value);
  });

  test('hold numbers with all their digits', () => {
    expect(whole?.('{9007199254740993,NULL}')).toEqual([9007199254740993n, null]);
    expect(decimal?.('{1.10,NaN}')).toEqual([{ decimal: '1.10' }, Number.NaN]);
  });
});
