import { decimalOf, specialDecimal } from './decimal.ts';
import { fail } from './errors.ts';
import { isInt, isKind, type Py, type PyDecimal, whole } from './values.ts';

const SPECIALS: Readonly<Record<string, PyDecimal['special']>> = { F: 'inf', n: 'nan', N: 'snan' };
const MAX_EXPONENT = 900_000n;

/** Decimal((sign, digits, exponent)), as as_tuple() gives them. Throws ValueError. */
export function decimalOfTuple(parts: readonly Py[]): PyDecimal {
  const [sign = null, digits = null, exponent = null] = parts;
  if (parts.length !== 3) throw fail('ValueError', 'argument must be a sequence of length 3');
  if (!isInt(sign) || whole(sign) < 0n || whole(sign) > 1n)
    throw fail('ValueError', 'sign must be an integer with the value 0 or 1');
  const negative = whole(sign) === 1n;
  const coefficient = coefficientOf(digits);
  if (typeof exponent === 'string') {
    const special = Object.hasOwn(SPECIALS, exponent) ? SPECIALS[exponent] : undefined;
    if (!special) throw fail('ValueError', "string argument in the third position must be 'F', 'n' or 'N'");
    if (special !== 'inf' && coefficient !== 0n)
      throw fail('NotImplementedError', 'a NaN with digits is not supported here');
    return specialDecimal(special, negative);
  }
  if (!isInt(exponent)) throw fail('ValueError', 'exponent must be an integer');
  const power = whole(exponent);
  if (power > MAX_EXPONENT || power < -MAX_EXPONENT)
    throw fail('NotImplementedError', 'a Decimal of such an exponent is not supported here');
  return decimalOf(coefficient, Number(power), negative);
}

function coefficientOf(digits: Py): bigint {
  const items = isKind(digits, 'tuple') ? digits.items : digits;
  if (!Array.isArray(items)) throw fail('ValueError', 'coefficient must be a tuple of digits');
  const places = items.map((digit: Py) => (isInt(digit) ? Number(whole(digit)) : -1));
  if (places.some((digit) => digit < 0 || digit > 9))
    throw fail('ValueError', 'coefficient must be a tuple of digits');
  if (places.length > 10_000) throw fail('OverflowError', 'a Decimal of more than 10000 digits');
  return BigInt(places.join('') || '0');
}
