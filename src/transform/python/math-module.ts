import { bind, positional } from './arguments.ts';
import { intToFloat } from './arithmetic.ts';
import { toInt } from './convert.ts';
import { combinations, factorial, permutations } from './counting.ts';
import { decimalToFloat, decimalToInt } from './decimal.ts';
import { commonDivisor, wholeRoot } from './decimal-methods.ts';
import { fail } from './errors.ts';
import { bitLength, exactExp, exactLog } from './exact-math.ts';
import { floatPower } from './float-power.ts';
import { hypotenuseOf } from './hypotenuse.ts';
import { iterate } from './iterate.ts';
import type { Meter } from './meter.ts';
import { multiply } from './operators.ts';
import { indexOf, isInt, isKind, isNumber, type Named, type Py, tuple, typeName, whole } from './values.ts';

type Run = (args: readonly Py[], named: Named) => Py;

/** The functions of the module math. Those whose last bit a C library may choose are rounded exactly. */
export function mathFunctions(meter: Meter): [string, Run][] {
  const one = (name: string, run: (x: number) => Py): [string, Run] => [
    name,
    (args, named) => {
      positional(name, 1, 1, args, named);
      return run(floatArgument(args[0] ?? null));
    },
  ];
  return [
    ['floor', (args) => floorOf(meter, args[0] ?? null, -1)],
    ['ceil', (args) => floorOf(meter, args[0] ?? null, 1)],
    ['trunc', (args) => truncated(meter, args[0] ?? null)],
    one('sqrt', (x) => domain(x < 0 ? null : Math.sqrt(x))),
    one('fabs', Math.abs),
    one('isnan', Number.isNaN),
    one('isinf', (x) => Math.abs(x) === Number.POSITIVE_INFINITY),
    one('isfinite', Number.isFinite),
    one('exp', exponential),
    one('degrees', (x) => x * (180 / Math.PI)),
    one('radians', (x) => x * (Math.PI / 180)),
    one('modf', (x) =>
      tuple(Number.isFinite(x) ? [x % 1, Math.trunc(x)] : [Number.isNaN(x) ? x : Math.sign(x) * 0, x]),
    ),
    ['log', (args) => logarithm(args[0] ?? null, args[1])],
    ['log10', (args) => exactLogOf(logArgument(args[0] ?? null), 10)],
    ['log2', (args) => exactLogOf(logArgument(args[0] ?? null), 2)],
    ['pow', (args, named) => mathPower(args, named)],
    ['fmod', (args) => remainder(floatArgument(args[0] ?? null), floatArgument(args[1] ?? null))],
    ['copysign', (args) => copySign(floatArgument(args[0] ?? null), floatArgument(args[1] ?? null))],
    ['isclose', isClose],
    ['hypot', (args, named) => hypotenuse(meter, args, named)],
    ['comb', (args, named) => combinations(meter, args, named)],
    ['perm', (args, named) => permutations(meter, args, named)],
    ['gcd', (args) => args.map(indexOf).reduce((a, b) => commonDivisor(a, b < 0n ? -b : b), 0n)],
    ['lcm', (args) => args.map(indexOf).reduce((a, b) => leastMultiple(meter, a, b), 1n)],
    ['isqrt', (args) => rootOf(indexOf(args[0] ?? null))],
    ['factorial', (args) => factorial(meter, args[0] ?? null)],
    ['prod', (args, named) => product(meter, args, named)],
    ['fsum', (args) => exactSum(meter, args[0] ?? null)],
  ];
}

export const MATH_CONSTANTS: readonly [string, Py][] = [
  ['pi', Math.PI],
  ['e', Math.E],
  ['tau', Math.PI * 2],
  ['inf', Number.POSITIVE_INFINITY],
  ['nan', Number.NaN],
];

function floatArgument(value: Py): number {
  if (typeof value === 'number') return value;
  if (isInt(value)) return intToFloat(whole(value));
  if (isKind(value, 'decimal')) return decimalToFloat(value);
  throw fail('TypeError', `must be real number, not ${typeName(value)}`);
}

function domain(value: number | null): number {
  if (value === null) throw fail('ValueError', 'math domain error');
  return value;
}

function floorOf(meter: Meter, value: Py, way: -1 | 1): bigint {
  if (isInt(value)) return whole(value);
  if (isKind(value, 'decimal')) {
    const cut = decimalToInt(value);
    const exact =
      value.exponent >= 0 || value.coefficient % 10n ** BigInt(Math.min(-value.exponent, 20_000)) === 0n;
    if (exact || value.negative === (way === 1)) return cut;
    return cut + BigInt(way);
  }
  const x = floatArgument(value);
  return toInt(meter, way === -1 ? Math.floor(x) : Math.ceil(x));
}

function truncated(meter: Meter, value: Py): bigint {
  if (isNumber(value) || isKind(value, 'decimal')) return toInt(meter, value);
  throw fail('TypeError', `type ${typeName(value)} doesn't define __trunc__ method`);
}

function exponential(x: number): number {
  if (!Number.isFinite(x)) return Number.isNaN(x) || x > 0 ? x : 0;
  const result = exactExp(x);
  if (!Number.isFinite(result)) throw fail('OverflowError', 'math range error');
  return result;
}

function logarithm(value: Py, base: Py | undefined): number {
  const x = logArgument(value);
  if (base === undefined) return plainLog(x);
  const bottom = plainLog(logArgument(base));
  if (bottom === 0) throw fail('ZeroDivisionError', 'float division by zero');
  return plainLog(x) / bottom;
}

/** A float, or an int too large for one. */
function logArgument(value: Py): number | bigint {
  if (isInt(value)) {
    if (whole(value) <= 0n) throw fail('ValueError', 'math domain error');
    return Number.isFinite(Number(whole(value))) ? Number(whole(value)) : whole(value);
  }
  const x = floatArgument(value);
  if (x <= 0) throw fail('ValueError', 'math domain error');
  return x;
}

function plainLog(x: number | bigint): number {
  if (typeof x === 'number') return Number.isFinite(x) ? exactLog(x) : x;
  const shift = bitLength(x) - 60;
  return exactLog(Number(x >> BigInt(shift))) + shift * Math.LN2;
}

function exactLogOf(x: number | bigint, base: number): number {
  if (typeof x === 'bigint') return plainLog(x) / Math.log(base);
  return Number.isFinite(x) ? exactLog(x, base) : x;
}

function mathPower(args: readonly Py[], named: Named): number {
  positional('pow', 2, 2, args, named);
  const [x, y] = [floatArgument(args[0] ?? null), floatArgument(args[1] ?? null)];
  try {
    return floatPower(x, y);
  } catch (error) {
    const kind = error instanceof Error && 'type' in error ? error.type : '';
    if (kind === 'OverflowError') throw fail('OverflowError', 'math range error');
    throw fail('ValueError', 'math domain error');
  }
}

function remainder(x: number, y: number): number {
  if (y === 0 && !Number.isNaN(x)) throw fail('ValueError', 'math domain error');
  if (!Number.isFinite(x) && !Number.isNaN(x) && !Number.isNaN(y))
    throw fail('ValueError', 'math domain error');
  return x % y;
}

function copySign(x: number, y: number): number {
  const negative = y < 0 || Object.is(y, -0);
  return negative ? -Math.abs(x) : Math.abs(x);
}

function isClose(args: readonly Py[], named: Named): boolean {
  if (args.length > 2)
    throw fail('TypeError', `isclose() takes exactly 2 positional arguments (${args.length} given)`);
  const given = bind('isclose', ['a', 'b', 'rel_tol', 'abs_tol'], 2, args, named);
  const [a = 0, b = 0, relative = 1e-9, absolute = 0] = given.map((value) =>
    value === undefined ? undefined : floatArgument(value),
  );
  if (relative < 0 || absolute < 0) throw fail('ValueError', 'tolerances must be non-negative');
  if (a === b) return true;
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  const difference = Math.abs(b - a);
  return (
    difference <= Math.abs(relative * b) || difference <= Math.abs(relative * a) || difference <= absolute
  );
}

function leastMultiple(meter: Meter, a: bigint, b: bigint): bigint {
  if (a === 0n || b === 0n) return 0n;
  const result = multiply(meter, a, b / commonDivisor(a, b < 0n ? -b : b));
  return typeof result === 'bigint' && result < 0n ? -result : whole(isInt(result) ? result : 0n);
}

function hypotenuse(meter: Meter, args: readonly Py[], named: Named): number {
  if (named.size > 0) throw fail('TypeError', 'math.hypot() takes no keyword arguments');
  return hypotenuseOf(meter, args.map(floatArgument));
}

function rootOf(value: bigint): bigint {
  if (value < 0n) throw fail('ValueError', 'isqrt() argument must be nonnegative');
  return wholeRoot(value);
}

function product(meter: Meter, args: readonly Py[], named: Named): Py {
  const [items = null, start = 1n] = bind('prod', ['/iterable', 'start'], 1, args.slice(0, 1), named);
  if (args.length > 1)
    throw fail('TypeError', `prod() takes exactly 1 positional argument (${args.length} given)`);
  let total = start;
  for (const item of iterate(meter, items)) total = multiply(meter, total, item);
  return total;
}

/** math.fsum for finite values: the exact sum, rounded once. */
function exactSum(meter: Meter, items: Py): number {
  const partials: number[] = [];
  for (const item of iterate(meter, items)) {
    let x = floatArgument(item);
    if (!Number.isFinite(x)) throw fail('NotImplementedError', 'fsum() of nan and inf is not supported here');
    let kept = 0;
    for (const partial of partials) {
      const [large, small] = Math.abs(x) < Math.abs(partial) ? [partial, x] : [x, partial];
      const high = large + small;
      const low = small - (high - large);
      if (low !== 0) partials[kept++] = low;
      x = high;
    }
    partials.length = kept;
    partials.push(x);
  }
  return roundedSum(partials);
}

function roundedSum(partials: readonly number[]): number {
  let n = partials.length - 1;
  let high = partials[n] ?? 0;
  let low = 0;
  while (n > 0) {
    const x = high;
    const y = partials[--n] ?? 0;
    high = x + y;
    low = y - (high - x);
    if (low !== 0) break;
  }
  const below = partials[n - 1] ?? 0;
  if (n > 0 && ((low < 0 && below < 0) || (low > 0 && below > 0))) {
    const y = low * 2;
    const x = high + y;
    if (y === x - high) high = x;
  }
  return high;
}
