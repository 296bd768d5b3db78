import { tooManyDigits } from './arithmetic.ts';
import { floorDivide } from './calendar.ts';
import { fail } from './errors.ts';
import { characterOf } from './format-number.ts';
import type { Meter } from './meter.ts';
import { indexOf, isInt, isKind, type Py, typeName, whole } from './values.ts';

export function chr(value: Py): string {
  const code = indexOf(value);
  if (code >= 2n ** 31n || code < -(2n ** 31n))
    throw fail('OverflowError', 'Python int too large to convert to C int');
  if (code < 0n || code > 0x10ffffn) throw fail('ValueError', 'chr() arg not in range(0x110000)');
  return characterOf(code, '');
}

export function ord(value: Py): bigint {
  if (isKind(value, 'bytes') && value.bytes.length === 1) return BigInt(value.bytes[0] ?? 0);
  if (typeof value !== 'string')
    throw fail('TypeError', `ord() expected string of length 1, but ${typeName(value)} found`);
  const chars = [...value];
  if (chars.length !== 1)
    throw fail('TypeError', `ord() expected a character, but string of length ${chars.length} found`);
  return BigInt(value.codePointAt(0) ?? 0);
}

export function radix(value: Py, base: number, prefix: string): string {
  const n = indexOf(value);
  return `${n < 0n ? '-' : ''}${prefix}${(n < 0n ? -n : n).toString(base)}`;
}

export function modularPower(meter: Meter, base: Py, exponent: Py, modulus: Py): Py {
  if ([base, exponent, modulus].some((value) => isKind(value, 'decimal')))
    throw fail('NotImplementedError', 'pow() of a Decimal with a modulus is not supported here');
  if (!isInt(base) || !isInt(exponent) || !isInt(modulus))
    throw fail('TypeError', 'pow() 3rd argument not allowed unless all arguments are integers');
  const [m, e] = [whole(modulus), whole(exponent)];
  if (m === 0n) throw fail('ValueError', 'pow() 3rd argument cannot be 0');
  if (e < 0n)
    throw fail('NotImplementedError', 'pow() with a negative exponent and a modulus is not supported here');
  if (e > 2n ** 512n || m > 2n ** 4096n || -m > 2n ** 4096n) throw tooManyDigits();
  const mod = (x: bigint) => x - floorDivide(x, m) * m;
  let [result, factor, left] = [mod(1n), mod(whole(base)), e];
  for (; left > 0n; left >>= 1n) {
    meter.spend(20);
    if (left & 1n) result = mod(result * factor);
    factor = mod(factor * factor);
  }
  return result;
}
