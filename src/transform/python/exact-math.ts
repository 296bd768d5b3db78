import { binaryParts } from './float-digits.ts';

/** A real number as value / 2^bits. */
type Fixed = bigint;

const SMALL = 200n;

/** numerator / denominator, both positive, rounded once to the nearest float (half to even). Infinity: too large. */
export function nearestFloat(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0;
  // Number() rounds to 53 bits; 66 bits and a sticky one keep that rounding right, and below 2^-1074 nothing is kept
  const shift = Math.max(bitLength(numerator) - bitLength(denominator) - 66, -1074);
  if (shift > 1100) return Number.POSITIVE_INFINITY;
  const [n, d] =
    shift >= 0 ? [numerator, denominator << BigInt(shift)] : [numerator << BigInt(-shift), denominator];
  const quotient = n / d;
  if (shift > -1074) return scaled(Number(quotient * d === n ? quotient : quotient | 1n), shift);
  const twice = (n - quotient * d) * 2n;
  const bits = bitLength(quotient);
  if (bits > 53) return scaled(Number(quotient * d === n ? quotient : quotient | 1n), shift);
  return scaled(
    Number(twice > d || (twice === d && (quotient & 1n) === 1n) ? quotient + 1n : quotient),
    shift,
  );
}

function scaled(value: number, shift: number): number {
  let result = value;
  let left = shift;
  for (; left > 1000; left -= 1000) result *= 2 ** 1000;
  for (; left < -1000; left += 1000) result *= 2 ** -1000;
  return result * 2 ** left;
}

export function bitLength(value: bigint): number {
  const hex = (value < 0n ? -value : value).toString(16);
  return value === 0n ? 0 : (hex.length - 1) * 4 + (32 - Math.clz32(Number.parseInt(hex.charAt(0), 16)));
}

/** base ** power of two finite floats, base > 0, rounded once. */
export function exactPower(base: number, power: number): number {
  if (Number.isInteger(power) && Math.abs(power) <= 64) return wholePower(base, Math.abs(power), power < 0);
  const estimate = base ** power;
  if (estimate === 0 || !Number.isFinite(estimate)) return estimate;
  const exponent = multiply(logarithm(base, SMALL), fixed(power, SMALL), SMALL);
  return exponential(exponent, SMALL);
}

function wholePower(base: number, power: number, inverse: boolean): number {
  const { mantissa, exponent } = binaryParts(base);
  const n = mantissa ** BigInt(power);
  const shift = exponent * power;
  const [top, bottom] = shift >= 0 ? [n << BigInt(shift), 1n] : [n, 1n << BigInt(-shift)];
  return inverse ? nearestFloat(bottom, top) : nearestFloat(top, bottom);
}

/** e ** x, rounded once. */
export function exactExp(x: number): number {
  if (x > 710) return Number.POSITIVE_INFINITY;
  if (x < -750) return 0;
  return exponential(fixed(x, SMALL), SMALL);
}

/** Natural logarithm of x > 0; divided by that of `base` when one is given; rounded once. */
export function exactLog(x: number, base = 0): number {
  const top = logarithm(x, SMALL);
  const value = base === 0 ? top : (top << SMALL) / logarithm(base, SMALL);
  const magnitude = nearestFloat(value < 0n ? -value : value, 1n << SMALL);
  return value < 0n ? -magnitude : magnitude;
}

function fixed(x: number, bits: bigint): Fixed {
  const { mantissa, exponent } = binaryParts(x);
  const shift = BigInt(exponent) + bits;
  const size = shift >= 0n ? mantissa << shift : mantissa >> -shift;
  return x < 0 ? -size : size;
}

function multiply(a: Fixed, b: Fixed, bits: bigint): Fixed {
  return (a * b) >> bits;
}

function logarithm(x: number, bits: bigint): Fixed {
  const { mantissa, exponent } = binaryParts(x);
  const length = bitLength(mantissa);
  // x = m * 2^k with m near 1, so that ln x = ln m + k ln 2
  const m = (mantissa << bits) >> BigInt(length - 1);
  return logNearOne(m, bits) + BigInt(exponent + length - 1) * logTwo(bits);
}

function logTwo(bits: bigint): Fixed {
  return 2n * artanh((1n << bits) / 3n, bits);
}

function logNearOne(m: Fixed, bits: bigint): Fixed {
  const one = 1n << bits;
  return 2n * artanh(((m - one) << bits) / (m + one), bits);
}

function artanh(z: Fixed, bits: bigint): Fixed {
  const square = multiply(z, z, bits);
  let term = z;
  let sum = 0n;
  for (let n = 1n; term !== 0n && n < 2000n; n += 2n) {
    sum += term / n;
    term = multiply(term, square, bits);
    if (term === -1n) break;
  }
  return sum;
}

function exponential(x: Fixed, bits: bigint): number {
  const two = logTwo(bits);
  const k = x / two;
  const rest = x - k * two;
  let term = 1n << bits;
  let sum = 0n;
  for (let n = 1n; term !== 0n && n < 2000n; n++) {
    sum += term;
    term = multiply(term, rest, bits) / n;
  }
  return k >= 0n ? nearestFloat(sum << k, 1n << bits) : nearestFloat(sum, 1n << (bits - k));
}
