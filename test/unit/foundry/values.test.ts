import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { StoreValue } from '../../../src/domain/foundry/store-value.ts';
import { jsonValue } from '../../../src/foundry/values/json-value.ts';

describe('a value of a store as JSON', () => {
  it.each<[string, StoreValue, unknown]>([
    ['null', null, null],
    ['the largest exact whole number', 9007199254740991n, 9007199254740991],
    ['one beyond it', 9007199254740992n, '9007199254740992'],
    ['the smallest exact whole number', -9007199254740991n, -9007199254740991],
    ['one below it', -9007199254740992n, '-9007199254740992'],
    ['a decimal a double holds', { decimal: '14.20' }, 14.2],
    ['a decimal with zeros only', { decimal: '85200.00' }, 85200],
    ['a decimal of zero', { decimal: '0.000' }, 0],
    ['a negative decimal', { decimal: '-0.10' }, -0.1],
    ['a decimal with an exponent', { decimal: '1.5E+3' }, 1500],
    ['a decimal no double holds', { decimal: '0.12345678901234567890' }, '0.12345678901234567890'],
    ['a whole decimal beyond 2^53', { decimal: '9007199254740992' }, '9007199254740992'],
    ['a decimal beyond all doubles', { decimal: `1${'0'.repeat(400)}` }, `1${'0'.repeat(400)}`],
    ['a decimal that is none', { decimal: 'NaN' }, 'NaN'],
    ['nan', Number.NaN, 'NaN'],
    ['infinities', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], ['Infinity', '-Infinity']],
    ['a date', '2024-02-29', '2024-02-29'],
    ['bytes', new Uint8Array([0, 255, 16]), 'AP8Q'],
    ['bytes inside a larger buffer', new Uint8Array([9, 1, 2, 9]).subarray(1, 3), 'AQI='],
    [
      'nested values',
      new Map<string, StoreValue>([['a', [1n, new Map<string, StoreValue>([['b', null]])]]]),
      { a: [1, { b: null }] },
    ],
  ])('%s', (_, value, expected) => {
    expect(jsonValue(value)).toEqual(expected);
  });

  it('keeps a field that is named like a part of objects', () => {
    const value = new Map<string, StoreValue>([['__proto__', 1n]]);
    expect(JSON.stringify(jsonValue(value))).toBe('{"__proto__":1}');
  });

  it('gives every whole number back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }), (value) => {
        expect(BigInt(JSON.parse(JSON.stringify(jsonValue(value))))).toBe(value);
      }),
    );
  });

  it('gives every double back', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const back = Number(JSON.parse(JSON.stringify(jsonValue(value))));
        expect(back === value || (Number.isNaN(back) && Number.isNaN(value))).toBe(true);
      }),
    );
  });

  it('gives every decimal back to its last digit', () => {
    const decimals = fc.tuple(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n }), fc.nat(20));
    fc.assert(
      fc.property(decimals, ([unscaled, scale]) => {
        const decimal = written(unscaled, scale);
        const json = JSON.parse(JSON.stringify(jsonValue({ decimal })));
        expect(unscaledOf(exactly(json), scale)).toBe(unscaled);
      }),
    );
  });

  it('is always JSON, however it is nested', () => {
    const { any } = fc.letrec<{ any: StoreValue }>((tie) => ({
      any: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.bigInt(),
        fc.double(),
        fc.string(),
        fc.uint8Array(),
        fc.bigInt().map((unscaled): StoreValue => ({ decimal: written(unscaled, 3) })),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.array(fc.tuple(fc.string(), tie('any')), { maxLength: 4 }).map((entries) => new Map(entries)),
      ),
    }));
    fc.assert(
      fc.property(any, (value) => {
        const text = JSON.stringify(jsonValue(value));
        expect(JSON.stringify(JSON.parse(text))).toBe(text);
      }),
    );
  });
});

function written(unscaled: bigint, scale: number): string {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0');
  const at = digits.length - scale;
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, at)}${scale === 0 ? '' : `.${digits.slice(at)}`}`;
}

/** The decimal a JSON reader prints, without an exponent. */
function exactly(json: number | string): string {
  const text = String(json);
  const [mantissa = '', exponent = '0'] = text.split('e');
  if (!text.includes('e')) return text;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const power = Number(exponent) - fraction.length;
  const digits = whole + fraction;
  const plain = power >= 0 ? digits + '0'.repeat(power) : written(BigInt(digits), -power);
  return `${mantissa.startsWith('-') ? '-' : ''}${plain}`;
}

function unscaledOf(decimal: string, scale: number): bigint {
  const [whole = '', fraction = ''] = decimal.split('.');
  expect(fraction.length).toBeLessThanOrEqual(scale);
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`);
}
