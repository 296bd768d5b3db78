import { bind, type Methods, positional } from './arguments.ts';
import {
  compareDecimals,
  decimalOf,
  decimalText,
  isWhole,
  reduced,
  rounded,
  signedCoefficient,
  specialDecimal,
} from './decimal.ts';
import { invalid } from './decimal-arithmetic.ts';
import { quantized } from './decimal-rounding.ts';
import { fail } from './errors.ts';
import { bitLength } from './exact-math.ts';
import { digitCount } from './float-digits.ts';
import { isInt, isKind, type Named, type Py, type PyDecimal, tuple, typeName, whole } from './values.ts';

export const DECIMAL_METHODS: Methods<PyDecimal> = {
  quantize(_meter, self, args, named) {
    const [like = null, rounding = null] = bind('quantize', ['exp', 'rounding', 'context'], 1, args, named);
    const pattern = decimalArgument(like);
    const mode = roundingMode(rounding);
    if (self.special === 'inf' && pattern.special === 'inf') return self;
    if (self.special === 'nan') return self;
    if (pattern.special === 'nan') return pattern;
    if (self.special !== '' || pattern.special !== '') throw invalid();
    return quantized(self, pattern.exponent, mode);
  },
  normalize(_meter, self, args, named) {
    positional('normalize', 0, 0, args, named);
    return reduced(rounded(self));
  },
  to_integral_value: (_meter, self, args, named) => toIntegral(self, args, named),
  to_integral: (_meter, self, args, named) => toIntegral(self, args, named),
  is_nan: (_meter, self) => self.special.endsWith('nan'),
  is_infinite: (_meter, self) => self.special === 'inf',
  is_finite: (_meter, self) => self.special === '',
  is_zero: (_meter, self) => self.special === '' && self.coefficient === 0n,
  is_signed: (_meter, self) => self.negative,
  adjusted: (_meter, self) =>
    self.special === '' ? BigInt(self.exponent + digitCount(self.coefficient) - 1) : 0n,
  copy_abs: (_meter, self) => ({ ...self, negative: false }),
  copy_negate: (_meter, self) => ({ ...self, negative: !self.negative }),
  compare(_meter, self, args, named) {
    const [other = null] = bind('compare', ['other', 'context'], 1, args, named);
    const sign = compareDecimals(self, decimalArgument(other));
    return sign === null ? specialDecimal('nan') : decimalOf(BigInt(sign));
  },
  max: (_meter, self, args) => chosen(self, decimalArgument(args[0] ?? null), 1),
  min: (_meter, self, args) => chosen(self, decimalArgument(args[0] ?? null), -1),
  sqrt(_meter, self, args, named) {
    positional('sqrt', 0, 0, args, named);
    return squareRoot(self);
  },
  as_integer_ratio(_meter, self) {
    if (self.special === 'inf') throw fail('OverflowError', 'cannot convert Infinity to integer ratio');
    if (self.special !== '') throw fail('ValueError', 'cannot convert NaN to integer ratio');
    const power = 10n ** BigInt(Math.min(Math.abs(self.exponent), 5000));
    const [n, d] =
      self.exponent >= 0 ? [signedCoefficient(self) * power, 1n] : [signedCoefficient(self), power];
    const divisor = commonDivisor(n < 0n ? -n : n, d);
    return tuple([n / divisor, d / divisor]);
  },
  conjugate: (_meter, self) => self,
  as_tuple(_meter, self) {
    const digits = [...String(self.coefficient)].map(BigInt);
    const isNan = self.special.endsWith('nan');
    return {
      ...tuple([
        self.negative ? 1n : 0n,
        tuple(isNan && self.coefficient === 0n ? [] : self.special === 'inf' ? [0n] : digits),
        self.special === '' ? BigInt(self.exponent) : (MARKS[self.special] ?? 'F'),
      ]),
      fields: { type: 'decimal.DecimalTuple', names: ['sign', 'digits', 'exponent'] },
    };
  },
  to_eng_string(_meter, self) {
    if (self.exponent === 0 || !decimalText(self).includes('E')) return decimalText(self);
    throw fail('NotImplementedError', 'to_eng_string() of a number with an exponent is not supported here');
  },
};

/** What as_tuple() says instead of an exponent. */
const MARKS: Readonly<Record<string, string>> = { inf: 'F', nan: 'n', snan: 'N' };

function toIntegral(self: PyDecimal, args: readonly Py[], named: Named): Py {
  const [rounding = null] = bind('to_integral_value', ['rounding', 'context'], 0, args, named);
  if (self.special !== '' || self.exponent >= 0) return self;
  const wide = digitCount(self.coefficient) + self.exponent > 27;
  if (wide && !isWhole(self)) throw invalid();
  return quantized(self, 0, roundingMode(rounding));
}

/** decimal's rounding modes. */
export const ROUNDINGS = [
  'ROUND_CEILING',
  'ROUND_FLOOR',
  'ROUND_UP',
  'ROUND_DOWN',
  'ROUND_HALF_UP',
  'ROUND_HALF_DOWN',
  'ROUND_HALF_EVEN',
  'ROUND_05UP',
];

function roundingMode(value: Py): string {
  if (value === null) return 'ROUND_HALF_EVEN';
  if (typeof value === 'string' && ROUNDINGS.includes(value)) return value;
  throw fail(
    'TypeError',
    'valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]',
  );
}

function decimalArgument(value: Py): PyDecimal {
  if (isKind(value, 'decimal')) return value;
  if (isInt(value)) return decimalOf(whole(value));
  throw fail('TypeError', `conversion from ${typeName(value)} to Decimal is not supported`);
}

function chosen(a: PyDecimal, b: PyDecimal, way: 1 | -1): PyDecimal {
  if (a.special === 'nan') return rounded(b);
  if (b.special === 'nan') return rounded(a);
  const sign = compareDecimals(a, b) ?? 0;
  if (sign !== 0) return rounded(sign * way > 0 ? a : b);
  const first =
    a.negative === b.negative ? (a.exponent - b.exponent) * (a.negative ? -1 : 1) : a.negative ? -1 : 1;
  return rounded(first * way >= 0 ? a : b);
}

function squareRoot(value: PyDecimal): PyDecimal {
  if (value.special === 'nan') return value;
  if (value.coefficient === 0n && value.special === '')
    return decimalOf(0n, Math.floor(value.exponent / 2), value.negative);
  if (value.negative) throw invalid();
  if (value.special === 'inf') return value;
  const ideal = Math.floor(value.exponent / 2);
  const odd = value.exponent % 2 !== 0;
  const shift = 60;
  const radicand = value.coefficient * 10n ** BigInt(shift + (odd ? 1 : 0));
  const exponent = (value.exponent - (odd ? 1 : 0) - shift) / 2;
  const root = wholeRoot(radicand);
  if (root * root !== radicand) return rounded(decimalOf(root % 5n === 0n ? root + 1n : root, exponent));
  let [coefficient, at] = [root, exponent];
  while (at < ideal && coefficient % 10n === 0n) {
    coefficient /= 10n;
    at++;
  }
  return rounded(decimalOf(coefficient, at));
}

/** math.isqrt. */
export function wholeRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

export function commonDivisor(a: bigint, b: bigint): bigint {
  let [x, y] = [a, b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}
