import { fail } from './errors.ts';
import { exactPower } from './exact-math.ts';

/** CPython's float ** float, rounded once. */
export function floatPower(a: number, b: number): number {
  if (b === 0 || a === 1) return 1;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN;
  if (!Number.isFinite(b)) return infinitePower(Math.abs(a), b > 0);
  const odd = Math.abs(b) < 2 ** 53 && b % 2 !== 0 && Number.isInteger(b);
  if (a === 0 && b < 0) throw fail('ZeroDivisionError', '0.0 cannot be raised to a negative power');
  if (a === 0 || !Number.isFinite(a)) {
    const size = (a === 0) === b > 0 ? 0 : Number.POSITIVE_INFINITY;
    return odd && (a < 0 || Object.is(a, -0)) ? -size : size;
  }
  if (a < 0 && !Number.isInteger(b))
    throw fail('TypeError', 'the power is a complex number, which no column holds');
  const size = exactPower(Math.abs(a), b);
  if (!Number.isFinite(size)) throw fail('OverflowError', "(34, 'Numerical result out of range')");
  return a < 0 && odd ? -size : size;
}

function infinitePower(size: number, up: boolean): number {
  if (size === 1) return 1;
  return size > 1 === up ? Number.POSITIVE_INFINITY : 0;
}
