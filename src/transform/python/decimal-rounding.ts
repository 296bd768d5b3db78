import { decimalOf } from './decimal.ts';
import { invalid } from './decimal-arithmetic.ts';
import { fail } from './errors.ts';
import { digitCount, dropDigits } from './float-digits.ts';
import type { PyDecimal } from './values.ts';

/** The value at `exponent`, half to even. Throws InvalidOperation beyond 28 digits. */
export function quantized(value: PyDecimal, exponent: number, mode = 'ROUND_HALF_EVEN'): PyDecimal {
  if (value.special === 'nan') return value;
  if (value.special !== '') throw invalid();
  if (exponent < -1_000_026 || exponent > 999_999) throw invalid();
  const drop = exponent - value.exponent;
  const length = digitCount(value.coefficient);
  if (-drop + length > 28 && value.coefficient !== 0n) throw invalid();
  const coefficient =
    drop > length + 1
      ? tinyRounded(value, mode)
      : drop <= 0
        ? dropDigits(value.coefficient, Math.max(drop, -28))
        : roundedDown(value, drop, mode);
  if (digitCount(coefficient) > 28) throw invalid();
  return { ...decimalOf(coefficient, exponent, value.negative) };
}

function tinyRounded(value: PyDecimal, mode: string): bigint {
  if (value.coefficient === 0n) return 0n;
  const up =
    mode === 'ROUND_UP' ||
    mode === 'ROUND_05UP' ||
    (mode === 'ROUND_CEILING' && !value.negative) ||
    (mode === 'ROUND_FLOOR' && value.negative);
  return up ? 1n : 0n;
}

/** Drops digits by one of decimal's rounding modes. */
export function roundedDown({ coefficient, negative }: PyDecimal, places: number, mode: string): bigint {
  const unit = 10n ** BigInt(places);
  const quotient = coefficient / unit;
  const rest = coefficient - quotient * unit;
  if (rest === 0n) return quotient;
  switch (mode) {
    case 'ROUND_HALF_EVEN':
      return dropDigits(coefficient, places);
    case 'ROUND_HALF_UP':
      return rest * 2n >= unit ? quotient + 1n : quotient;
    case 'ROUND_HALF_DOWN':
      return rest * 2n > unit ? quotient + 1n : quotient;
    case 'ROUND_UP':
      return quotient + 1n;
    case 'ROUND_DOWN':
      return quotient;
    case 'ROUND_CEILING':
      return negative ? quotient : quotient + 1n;
    case 'ROUND_FLOOR':
      return negative ? quotient + 1n : quotient;
    case 'ROUND_05UP':
      return quotient % 5n === 0n ? quotient + 1n : quotient;
    default:
      throw fail(
        'TypeError',
        'valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]',
      );
  }
}
