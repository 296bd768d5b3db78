import { DAY_US, dateOf, dateTimeOf, deltaOf, floorDivide, instantOf } from './calendar.ts';
import { decimalOf } from './decimal.ts';
import { type DecimalOperator, decimalArithmetic, decimalDivmod } from './decimal-arithmetic.ts';
import { fail, type PyError } from './errors.ts';
import { bitLength, nearestFloat } from './exact-math.ts';
import { dropDigits } from './float-digits.ts';
import { floatPower } from './float-power.ts';
import type { Meter } from './meter.ts';
import { isInt, isKind, isNumber, type Py, type PyDecimal, tuple, typeName, whole } from './values.ts';

export type ArithmeticOperator = '-' | '/' | '//' | '%' | '**' | '+' | '*';

const MAX_INT_BITS = 33_220;

/** Bounds the ints an expression makes. Throws OverflowError beyond 10,000 digits. */
export function sized(meter: Meter, value: bigint): bigint {
  if (value < 2n ** 128n && value > -(2n ** 128n)) return value;
  const bits = bitLength(value);
  meter.spend(bits >> 8);
  meter.allocate(bits >> 3);
  if (bits > MAX_INT_BITS) throw tooManyDigits();
  return value;
}

export function tooManyDigits(): PyError {
  return fail('OverflowError', 'an int of more than 10000 digits');
}

/** The float nearest to an int. Throws OverflowError. */
export function intToFloat(value: bigint): number {
  const float = Number(value);
  if (Number.isFinite(float)) return float;
  throw fail('OverflowError', 'int too large to convert to float');
}

function floatOf(value: bigint | boolean | number): number {
  return typeof value === 'number' ? value : intToFloat(whole(value));
}

/** a op b of two numbers (int, bool, float). */
export function numberArithmetic(
  meter: Meter,
  op: ArithmeticOperator,
  a: bigint | boolean | number,
  b: bigint | boolean | number,
): bigint | number {
  if (typeof a !== 'number' && typeof b !== 'number') return intArithmetic(meter, op, whole(a), whole(b));
  return floatArithmetic(op, floatOf(a), floatOf(b));
}

function intArithmetic(meter: Meter, op: ArithmeticOperator, a: bigint, b: bigint): bigint | number {
  switch (op) {
    case '+':
      return sized(meter, a + b);
    case '-':
      return sized(meter, a - b);
    case '*':
      return sized(meter, a * b);
    case '/':
      return intDivision(a, b);
    case '//':
      if (b === 0n) throw fail('ZeroDivisionError', 'integer division or modulo by zero');
      return floorDivide(a, b);
    case '%':
      if (b === 0n) throw fail('ZeroDivisionError', 'integer modulo by zero');
      return a - floorDivide(a, b) * b;
    case '**':
      return intPower(meter, a, b);
  }
}

function intDivision(a: bigint, b: bigint): number {
  if (b === 0n) throw fail('ZeroDivisionError', 'division by zero');
  const [n, d] = [a < 0n ? -a : a, b < 0n ? -b : b];
  const sign = a < 0n !== b < 0n ? -1 : 1;
  if (n <= 9007199254740992n && d <= 9007199254740992n) return (sign * Number(n)) / Number(d);
  const result = nearestFloat(n, d);
  if (!Number.isFinite(result)) throw fail('OverflowError', 'integer division result too large for a float');
  return sign * result;
}

function intPower(meter: Meter, a: bigint, b: bigint): bigint | number {
  if (b < 0n) return floatPower(intToFloat(a), intToFloat(b));
  if (a === 0n || a === 1n) return b === 0n ? 1n : a;
  if (a === -1n) return b % 2n === 0n ? 1n : -1n;
  if (b > 40_000n || BigInt(bitLength(a) - 1) * b > BigInt(MAX_INT_BITS)) throw tooManyDigits();
  return sized(meter, a ** b);
}

function floatArithmetic(op: ArithmeticOperator, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      if (b === 0) throw fail('ZeroDivisionError', 'float division by zero');
      return a / b;
    case '//':
      if (b === 0) throw fail('ZeroDivisionError', 'float floor division by zero');
      return floatDivmod(a, b)[0];
    case '%':
      if (b === 0) throw fail('ZeroDivisionError', 'float modulo');
      return floatDivmod(a, b)[1];
    case '**':
      return floatPower(a, b);
  }
}

/** CPython's float_div_mod. */
function floatDivmod(a: number, b: number): [number, number] {
  let mod = a % b;
  let div = (a - mod) / b;
  if (mod !== 0 && !Number.isNaN(mod)) {
    if (b < 0 !== mod < 0) {
      mod += b;
      div -= 1;
    }
  } else if (mod === 0) mod = b < 0 ? -0 : 0;
  if (div === 0) return [(a / b) * 0, mod];
  if (Number.isNaN(div)) return [div, mod];
  let floor = Math.floor(div);
  if (div - floor > 0.5) floor += 1;
  return [floor, mod];
}

export function divmod(meter: Meter, a: Py, b: Py): Py {
  if (isNumber(a) && isNumber(b)) {
    if (typeof a !== 'number' && typeof b !== 'number')
      return tuple([
        intArithmetic(meter, '//', whole(a), whole(b)),
        intArithmetic(meter, '%', whole(a), whole(b)),
      ]);
    const [x, y] = [floatOf(a), floatOf(b)];
    if (y === 0) throw fail('ZeroDivisionError', 'float divmod()');
    return tuple(floatDivmod(x, y));
  }
  const decimals = decimalPair(a, b);
  if (decimals) return tuple(decimalDivmod(...decimals));
  if (isKind(a, 'timedelta') && isKind(b, 'timedelta')) {
    if (b.microseconds === 0n) throw fail('ZeroDivisionError', 'integer division or modulo by zero');
    const quotient = floorDivide(a.microseconds, b.microseconds);
    return tuple([quotient, deltaOf(a.microseconds - quotient * b.microseconds)]);
  }
  throw unsupported('divmod()', a, b);
}

/** Two Decimals, or a Decimal and an int: what Decimal arithmetic takes. Floats it refuses. */
function decimalPair(a: Py, b: Py): [PyDecimal, PyDecimal] | null {
  if (!isKind(a, 'decimal') && !isKind(b, 'decimal')) return null;
  const x = isInt(a) ? decimalOf(whole(a)) : isKind(a, 'decimal') ? a : null;
  const y = isInt(b) ? decimalOf(whole(b)) : isKind(b, 'decimal') ? b : null;
  return x && y ? [x, y] : null;
}

/** Decimals, dates and timedeltas; null: these two do not go together. */
export function objectArithmetic(op: ArithmeticOperator, a: Py, b: Py): Py | null {
  const decimals = decimalPair(a, b);
  if (decimals) return decimalArithmetic(op satisfies DecimalOperator, ...decimals);
  switch (op) {
    case '+':
      return addDates(a, b) ?? addDates(b, a);
    case '-':
      return subtractDates(a, b);
    case '*':
      return isKind(a, 'timedelta')
        ? scaleDelta(a.microseconds, b)
        : isKind(b, 'timedelta')
          ? scaleDelta(b.microseconds, a)
          : null;
    case '/':
    case '//':
    case '%':
      return isKind(a, 'timedelta') ? divideDelta(op, a.microseconds, b) : null;
    case '**':
      return null;
  }
}

function addDates(a: Py, b: Py): Py | null {
  if (!isKind(b, 'timedelta')) return null;
  if (isKind(a, 'timedelta')) return deltaOf(a.microseconds + b.microseconds);
  if (isKind(a, 'date')) return dateOf(a.days + Number(floorDivide(b.microseconds, BigInt(DAY_US))));
  if (isKind(a, 'datetime')) return dateTimeOf(a.days, BigInt(a.microseconds) + b.microseconds, a.zone);
  return null;
}

function subtractDates(a: Py, b: Py): Py | null {
  if (isKind(b, 'timedelta')) {
    if (isKind(a, 'date')) return dateOf(a.days - Number(floorDivide(b.microseconds, BigInt(DAY_US))));
    return addDates(a, { kind: 'timedelta', microseconds: -b.microseconds });
  }
  if (isKind(a, 'date') && isKind(b, 'date')) return deltaOf(BigInt(a.days - b.days) * BigInt(DAY_US));
  if (!isKind(a, 'datetime') || !isKind(b, 'datetime')) return null;
  if ((a.zone === null) !== (b.zone === null))
    throw fail('TypeError', "can't subtract offset-naive and offset-aware datetimes");
  return deltaOf(instantOf(a) - instantOf(b));
}

function scaleDelta(microseconds: bigint, by: Py): Py | null {
  if (isInt(by)) return deltaOf(microseconds * whole(by));
  if (typeof by !== 'number') return null;
  const [n, d] = ratioOf(by);
  return deltaOf(roundedQuotient(microseconds * n, d));
}

function divideDelta(op: '/' | '//' | '%', microseconds: bigint, by: Py): Py | null {
  if (isKind(by, 'timedelta')) {
    if (by.microseconds === 0n)
      throw fail('ZeroDivisionError', op === '/' ? 'division by zero' : 'integer division or modulo by zero');
    if (op === '/') return intDivision(microseconds, by.microseconds);
    const quotient = floorDivide(microseconds, by.microseconds);
    return op === '//' ? quotient : deltaOf(microseconds - quotient * by.microseconds);
  }
  if (op === '%') return null;
  if (isInt(by)) {
    const divisor = whole(by);
    if (divisor === 0n)
      throw fail('ZeroDivisionError', op === '/' ? 'division by zero' : 'integer division or modulo by zero');
    return deltaOf(op === '/' ? roundedQuotient(microseconds, divisor) : floorDivide(microseconds, divisor));
  }
  if (typeof by !== 'number' || op === '//') return null;
  const [n, d] = ratioOf(by);
  if (n === 0n) throw fail('ZeroDivisionError', 'division by zero');
  return deltaOf(roundedQuotient(microseconds * d, n));
}

/** float.as_integer_ratio(). */
export function ratioOf(x: number): [bigint, bigint] {
  if (Number.isNaN(x)) throw fail('ValueError', 'cannot convert NaN to integer ratio');
  if (!Number.isFinite(x)) throw fail('OverflowError', 'cannot convert Infinity to integer ratio');
  let n = x;
  let shift = 0;
  while (!Number.isInteger(n) || Math.abs(n) < 1) {
    if (n === 0) return [0n, 1n];
    n *= 2;
    shift++;
  }
  return [BigInt(n), 2n ** BigInt(shift)];
}

/** Half to even. */
export function roundedQuotient(n: bigint, d: bigint): bigint {
  const [a, b] = d < 0n ? [-n, -d] : [n, d];
  const quotient = floorDivide(a, b);
  const twice = (a - quotient * b) * 2n;
  return twice > b || (twice === b && (quotient & 1n) === 1n) ? quotient + 1n : quotient;
}

export function unsupported(op: string, a: Py, b: Py): PyError {
  return fail('TypeError', `unsupported operand type(s) for ${op}: '${typeName(a)}' and '${typeName(b)}'`);
}

/** round(int, -places), half to even. */
export function roundInt(value: bigint, places: number): bigint {
  if (places > 10_000) return 0n;
  const size = value < 0n ? -value : value;
  const rounded = dropDigits(size, places) * 10n ** BigInt(places);
  return value < 0n ? -rounded : rounded;
}
