/** A number as coefficient * 10^exponent, exactly. */
export interface Digits {
  coefficient: bigint;
  exponent: number;
}

const VIEW = new DataView(new ArrayBuffer(8));

/** A finite float's magnitude as mantissa * 2^exponent. */
export function binaryParts(x: number): { mantissa: bigint; exponent: number } {
  VIEW.setFloat64(0, Math.abs(x));
  const bits = VIEW.getBigUint64(0);
  const power = Number(bits >> 52n);
  const fraction = bits & ((1n << 52n) - 1n);
  if (power === 0) return { mantissa: fraction, exponent: -1074 };
  return { mantissa: fraction | (1n << 52n), exponent: power - 1075 };
}

/** The exact decimal expansion of a finite float's magnitude. */
export function exactDigits(x: number): Digits {
  const { mantissa, exponent } = binaryParts(x);
  if (exponent >= 0) return { coefficient: mantissa << BigInt(exponent), exponent: 0 };
  const zeros = trailingZeros(mantissa, -exponent);
  const shift = -exponent - zeros;
  return { coefficient: (mantissa >> BigInt(zeros)) * 5n ** BigInt(shift), exponent: -shift };
}

function trailingZeros(mantissa: bigint, most: number): number {
  if (mantissa === 0n) return most;
  let zeros = 0;
  while (zeros < most && (mantissa & 1n) === 0n) {
    mantissa >>= 1n;
    zeros++;
  }
  return zeros;
}

/** Divides by 10^places, half to even. */
export function dropDigits(coefficient: bigint, places: number): bigint {
  if (places <= 0) return coefficient * 10n ** BigInt(-places);
  const unit = 10n ** BigInt(places);
  const quotient = coefficient / unit;
  const twice = (coefficient - quotient * unit) * 2n;
  return twice > unit || (twice === unit && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

/** How many decimal digits; 1 for zero. */
export function digitCount(coefficient: bigint): number {
  return String(coefficient).length;
}

/** The magnitude with exactly `places` digits after the point, half to even on the exact value. */
export function fixedDigits(digits: Digits, places: number): string {
  const units = dropDigits(digits.coefficient, -places - digits.exponent);
  if (places === 0) return String(units);
  const text = String(units).padStart(places + 1, '0');
  return `${text.slice(0, -places)}.${text.slice(-places)}`;
}

/** fixedDigits of a finite float's magnitude. */
export function fixedFloat(x: number, places: number): string {
  const size = Math.abs(x);
  // toFixed is exact but for ties, which it rounds up; a tie needs x * 2^(places + 1) to be whole
  if (places <= 22 && size < 1e15 && !Number.isInteger(size * 2 ** (places + 1))) return size.toFixed(places);
  return fixedDigits(exactDigits(x), places);
}

/** The first `count` digits after rounding half to even, and the power of ten of the first. */
export function leadingDigits(digits: Digits, count: number): { text: string; power: number } {
  if (digits.coefficient === 0n) return { text: '0'.repeat(count), power: 0 };
  const length = digitCount(digits.coefficient);
  const rounded = dropDigits(digits.coefficient, length - count);
  const text = String(rounded);
  const carried = text.length - count;
  return { text: text.slice(0, count), power: digits.exponent + length - 1 + carried };
}

/** Python's repr of a float: 85.0, 0.1, 1e+16, 1e-05, nan, inf. */
export function floatRepr(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e16 || size < 1e-4)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const digits = String(value);
  return digits.includes('.') ? digits : `${digits}.0`;
}
