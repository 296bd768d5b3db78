import { ratioOf } from './arithmetic.ts';
import { wholeRoot } from './decimal-methods.ts';
import { bitLength } from './exact-math.ts';
import type { Meter } from './meter.ts';

const ROOT_BITS = 64;

/** The root of the sum of squares, rounded once. */
export function hypotenuseOf(meter: Meter, values: readonly number[]): number {
  if (values.some((value) => Math.abs(value) === Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  if (values.some(Number.isNaN)) return Number.NaN;
  meter.spend(values.length * 20);
  const ratios = values.map(ratioOf);
  const unit = 1n << BigInt(Math.max(0, ...ratios.map(([, d]) => bitLength(d) - 1)));
  const sum = ratios.reduce((total, [n, d]) => total + (n * (unit / d)) ** 2n, 0n);
  if (sum === 0n) return 0;
  // enough bits of the root, and one more that says whether there is a rest
  const half = BigInt(Math.max(0, Math.ceil((2 * ROOT_BITS - bitLength(sum)) / 2)));
  const root = wholeRoot(sum << (half * 2n));
  const rest = root * root === sum << (half * 2n) ? 0n : 1n;
  return scaled((root << 1n) | rest, bitLength(unit) + Number(half));
}

/** bits / 2^places as a float, half to even. */
function scaled(bits: bigint, places: number): number {
  const spare = Math.max(bitLength(bits) - 53, places - 1074, 0);
  const unit = 1n << BigInt(spare);
  const [high, low, half] = [bits >> BigInt(spare), bits & (unit - 1n), unit >> 1n];
  const up = spare > 0 && (low > half || (low === half && high % 2n === 1n));
  const exponent = spare - places;
  // 2^exponent itself may be beyond a float
  const first = Math.trunc(exponent / 2);
  return Number(up ? high + 1n : high) * 2 ** first * 2 ** (exponent - first);
}
