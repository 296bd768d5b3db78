import { roundInt } from './arithmetic.ts';
import { floatToInt } from './convert.ts';
import { decimalToInt, rounded } from './decimal.ts';
import { quantized } from './decimal-rounding.ts';
import { fail } from './errors.ts';
import { digitCount, dropDigits, exactDigits, fixedFloat } from './float-digits.ts';
import { indexOf, isInt, isKind, type Py, type PyDecimal, typeName, whole } from './values.ts';

/** abs(). */
export function absolute(value: Py): Py {
  if (typeof value === 'number') return Math.abs(value);
  if (isInt(value)) return whole(value) < 0n ? -whole(value) : whole(value);
  if (isKind(value, 'decimal')) return rounded({ ...value, negative: false });
  if (isKind(value, 'timedelta'))
    return value.microseconds < 0n ? { ...value, microseconds: -value.microseconds } : value;
  throw fail('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
}

/** round(value) and round(value, places). */
export function round(value: Py, places: Py): Py {
  if (isInt(value)) {
    if (places === null) return whole(value);
    const count = indexOf(places);
    return count >= 0n ? whole(value) : roundInt(whole(value), Number(-count));
  }
  if (typeof value === 'number')
    return places === null ? roundToInt(value) : roundFloat(value, indexOf(places));
  if (isKind(value, 'decimal'))
    return places === null ? roundDecimal(value) : quantized(value, -Number(indexOf(places)));
  throw fail('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
}

function roundToInt(x: number): bigint {
  if (!Number.isFinite(x)) return floatToInt(x);
  const { coefficient, exponent } = exactDigits(x);
  const size = dropDigits(coefficient, -exponent);
  return x < 0 ? -size : size;
}

function roundFloat(x: number, places: bigint): number {
  if (!Number.isFinite(x) || places > 323n) return x;
  if (places < -308n) return x < 0 || Object.is(x, -0) ? -0 : 0;
  const size = places >= 0n ? Number(fixedFloat(x, Number(places))) : roundedTo(x, -Number(places));
  if (!Number.isFinite(size)) throw fail('OverflowError', 'rounded value too large to represent');
  return x < 0 || Object.is(x, -0) ? -size : size;
}

function roundedTo(x: number, places: number): number {
  const { coefficient, exponent } = exactDigits(x);
  return Number(`${dropDigits(coefficient, places - exponent)}e${places}`);
}

function roundDecimal(value: PyDecimal): bigint {
  if (value.special !== '') return decimalToInt(value);
  if (value.exponent >= 0) return decimalToInt(value);
  const size =
    -value.exponent > digitCount(value.coefficient) + 1 ? 0n : dropDigits(value.coefficient, -value.exponent);
  return value.negative ? -size : size;
}
