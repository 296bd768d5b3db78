import { fail } from './errors.ts';
import { nearestFloat } from './exact-math.ts';
import { digitCount, dropDigits, exactDigits } from './float-digits.ts';
import type { PyDecimal } from './values.ts';

/** Python's default context: 28 digits, half to even. */
export const PRECISION = 28;
const MAX_EXPONENT = 999_999;
const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:e([+-]?\d+))?$/i;
const SPECIAL = /^([+-]?)(?:(inf|infinity)|(s?nan)(\d*))$/i;

export function decimalOf(coefficient: bigint, exponent = 0, negative = coefficient < 0n): PyDecimal {
  return {
    kind: 'decimal',
    negative,
    coefficient: coefficient < 0n ? -coefficient : coefficient,
    exponent,
    special: '',
  };
}

export function specialDecimal(special: 'inf' | 'nan' | 'snan', negative = false): PyDecimal {
  return { kind: 'decimal', negative, coefficient: 0n, exponent: 0, special };
}

/** What Decimal(text) gives for trimmed text of ASCII digits; null when malformed. Nothing is rounded. */
export function parsePyDecimal(text: string): PyDecimal | null {
  const match = NUMBER.exec(text);
  if (match) {
    const [, sign, whole = '', part = '', bare = '', power = '0'] = match;
    const exponent = Number(power) - part.length - bare.length;
    if (Math.abs(exponent) > MAX_EXPONENT)
      throw fail('OverflowError', 'a Decimal with an exponent beyond 999999');
    return decimalOf(BigInt(whole + part + bare), exponent, sign === '-');
  }
  const special = SPECIAL.exec(text);
  if (!special) return null;
  if (/[1-9]/.test(text)) throw fail('NotImplementedError', 'a NaN with digits is not supported here');
  const kind = special[2] ? 'inf' : special[3]?.toLowerCase() === 'snan' ? 'snan' : 'nan';
  return specialDecimal(kind, special[1] === '-');
}

export function decimalOfFloat(x: number): PyDecimal {
  if (Number.isNaN(x)) return specialDecimal('nan');
  if (!Number.isFinite(x)) return specialDecimal('inf', x < 0);
  const { coefficient, exponent } = exactDigits(x);
  return decimalOf(coefficient, coefficient === 0n ? 0 : exponent, x < 0 || Object.is(x, -0));
}

/** Rounds to the context's precision and bounds, as every operation does with its result. */
export function rounded(value: PyDecimal): PyDecimal {
  if (value.special !== '') return value;
  const excess = digitCount(value.coefficient) - PRECISION;
  let { coefficient, exponent } = value;
  if (excess > 0) {
    coefficient = dropDigits(coefficient, excess);
    exponent += excess;
    if (digitCount(coefficient) > PRECISION) {
      coefficient /= 10n;
      exponent++;
    }
  }
  if (coefficient !== 0n && exponent + digitCount(coefficient) - 1 > MAX_EXPONENT)
    throw fail('Overflow', "[<class 'decimal.Overflow'>, <class 'decimal.Rounded'>]");
  if (exponent < -MAX_EXPONENT - PRECISION)
    return decimalOf(0n, -MAX_EXPONENT - PRECISION + 1, value.negative);
  return { ...value, coefficient, exponent };
}

/** str(): 12.50, 1E+2, 0E-7, -0, NaN, Infinity. */
export function decimalText({ negative, coefficient, exponent, special }: PyDecimal): string {
  const sign = negative ? '-' : '';
  if (special !== '') return sign + { inf: 'Infinity', nan: 'NaN', snan: 'sNaN' }[special];
  const digits = String(coefficient);
  const adjusted = exponent + digits.length - 1;
  if (exponent <= 0 && adjusted >= -6) {
    if (exponent === 0) return sign + digits;
    const padded = digits.padStart(1 - exponent, '0');
    return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
  }
  const mantissa = digits.length > 1 ? `${digits.charAt(0)}.${digits.slice(1)}` : digits;
  return `${sign}${mantissa}E${adjusted < 0 ? '-' : '+'}${Math.abs(adjusted)}`;
}

/** The coefficient with its sign. */
export function signedCoefficient(value: PyDecimal): bigint {
  return value.negative ? -value.coefficient : value.coefficient;
}

/** int(): towards zero. */
export function decimalToInt(value: PyDecimal): bigint {
  if (value.special === 'inf') throw fail('OverflowError', 'cannot convert Infinity to integer');
  if (value.special !== '') throw fail('ValueError', 'cannot convert NaN to integer');
  const { coefficient, exponent } = value;
  if (exponent > 10_000) throw fail('OverflowError', 'an int of more than 10000 digits');
  const whole =
    exponent >= 0 ? coefficient * 10n ** BigInt(exponent) : coefficient / 10n ** BigInt(-exponent);
  return value.negative ? -whole : whole;
}

export function decimalToFloat(value: PyDecimal): number {
  if (value.special === 'snan') throw fail('ValueError', 'cannot convert signaling NaN to float');
  const sign = value.negative ? -1 : 1;
  if (value.special === 'nan') return Number.NaN;
  if (value.special === 'inf') return sign * Number.POSITIVE_INFINITY;
  const adjusted = value.exponent + digitCount(value.coefficient);
  if (value.coefficient === 0n || adjusted < -400) return sign * 0;
  if (adjusted > 400) return sign * Number.POSITIVE_INFINITY;
  const power = 10n ** BigInt(Math.abs(value.exponent));
  const [n, d] = value.exponent >= 0 ? [value.coefficient * power, 1n] : [value.coefficient, power];
  return sign * nearestFloat(n, d);
}

/** Whether the number has no fraction; false for what is not finite. */
export function isWhole(value: PyDecimal): boolean {
  if (value.special !== '') return false;
  if (value.exponent >= 0 || value.coefficient === 0n) return true;
  if (-value.exponent > digitCount(value.coefficient)) return false;
  return value.coefficient % 10n ** BigInt(-value.exponent) === 0n;
}

/** -1, 0, 1 by exact value; null when one is NaN. */
export function compareDecimals(a: PyDecimal, b: PyDecimal): number | null {
  if (a.special.endsWith('nan') || b.special.endsWith('nan')) return null;
  const [x, y] = [rank(a), rank(b)];
  if (x !== y || Math.abs(x) === 2 || x === 0) return Math.sign(x - y);
  const [high, low] = [a.exponent + digitCount(a.coefficient), b.exponent + digitCount(b.coefficient)];
  if (high !== low) return (high > low ? 1 : -1) * x;
  const [n, d] = aligned(a, b);
  return n === d ? 0 : (n > d ? 1 : -1) * x;
}

function rank(value: PyDecimal): number {
  const size = value.special === 'inf' ? 2 : value.coefficient === 0n ? 0 : 1;
  return value.negative ? -size : size;
}

/** Both coefficients at the smaller exponent. */
export function aligned(a: PyDecimal, b: PyDecimal): [bigint, bigint, number] {
  const exponent = Math.min(a.exponent, b.exponent);
  if (Math.max(a.exponent, b.exponent) - exponent > 20_000)
    throw fail('OverflowError', 'two Decimals too far apart');
  return [
    a.coefficient * 10n ** BigInt(a.exponent - exponent),
    b.coefficient * 10n ** BigInt(b.exponent - exponent),
    exponent,
  ];
}

/** The same number without trailing zeros, to compare and hash by. */
export function reduced(value: PyDecimal): PyDecimal {
  if (value.special !== '' || value.coefficient === 0n) return decimalOrZero(value);
  const digits = String(value.coefficient);
  const kept = digits.replace(/0+$/, '');
  return { ...value, coefficient: BigInt(kept), exponent: value.exponent + digits.length - kept.length };
}

function decimalOrZero(value: PyDecimal): PyDecimal {
  return value.special === '' ? decimalOf(0n, 0, value.negative) : value;
}
