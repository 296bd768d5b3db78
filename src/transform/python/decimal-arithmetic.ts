import { aligned, decimalOf, PRECISION, rounded, signedCoefficient, specialDecimal } from './decimal.ts';
import { fail, type PyError } from './errors.ts';
import { digitCount } from './float-digits.ts';
import type { PyDecimal } from './values.ts';

export type DecimalOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**';

/** a op b in Python's default context: 28 digits, half to even; traps DivisionByZero, InvalidOperation, Overflow. */
export function decimalArithmetic(op: DecimalOperator, a: PyDecimal, b: PyDecimal): PyDecimal {
  if (a.special === 'snan' || b.special === 'snan') throw invalid();
  if (a.special === 'nan') return a;
  if (b.special === 'nan') return b;
  switch (op) {
    case '+':
      return add(a, b);
    case '-':
      return add(a, negated(b));
    case '*':
      return multiply(a, b);
    case '/':
      return divide(a, b);
    case '//':
      return divideWhole(a, b)[0];
    case '%':
      if (a.special === 'inf') throw invalid();
      assertDivisor(b);
      return divideWhole(a, b)[1];
    case '**':
      return power(a, b);
  }
}

export function decimalDivmod(a: PyDecimal, b: PyDecimal): [PyDecimal, PyDecimal] {
  if (a.special.endsWith('nan')) return [a, a];
  if (b.special.endsWith('nan')) return [b, b];
  if (a.special === 'inf') throw invalid();
  assertDivisor(b);
  return divideWhole(a, b);
}

/** A remainder by zero is invalid, where a quotient is a division by zero. */
function assertDivisor(value: PyDecimal): void {
  if (value.special === '' && value.coefficient === 0n) throw invalid();
}

/** Unary minus rounds too, and gives no -0. */
export function decimalNegative(value: PyDecimal): PyDecimal {
  if (value.special.endsWith('nan')) return value;
  if (value.special === '' && value.coefficient === 0n) return rounded({ ...value, negative: false });
  return rounded(negated(value));
}

export function invalid(what = 'InvalidOperation'): PyError {
  return fail('InvalidOperation', `[<class 'decimal.${what}'>]`);
}

function negated(value: PyDecimal): PyDecimal {
  return { ...value, negative: !value.negative };
}

function add(a: PyDecimal, b: PyDecimal): PyDecimal {
  if (a.special === 'inf' || b.special === 'inf') {
    if (a.special === b.special && a.negative !== b.negative) throw invalid();
    return a.special === 'inf' ? a : b;
  }
  const [left, right] = [nearEnough(a, b), nearEnough(b, a)];
  const [x, y, exponent] = aligned(left, right);
  const sum = (a.negative ? -x : x) + (b.negative ? -y : y);
  const negative = sum === 0n ? a.negative && b.negative : sum < 0n;
  return rounded(decimalOf(sum, exponent, negative));
}

/** Far below the other's last digit only "something is there" matters. */
function nearEnough(small: PyDecimal, large: PyDecimal): PyDecimal {
  if (small.coefficient === 0n) {
    const floor = Math.min(large.exponent, large.exponent + digitCount(large.coefficient) - PRECISION - 2);
    return large.coefficient !== 0n && small.exponent < floor ? { ...small, exponent: floor } : small;
  }
  const top = small.exponent + digitCount(small.coefficient);
  const floor = large.exponent + digitCount(large.coefficient) - PRECISION - 3;
  if (large.coefficient === 0n || top >= Math.min(floor, large.exponent - 1)) return small;
  return { ...small, coefficient: 1n, exponent: Math.min(floor, large.exponent - 1) - 1 };
}

function multiply(a: PyDecimal, b: PyDecimal): PyDecimal {
  const negative = a.negative !== b.negative;
  if (a.special === 'inf' || b.special === 'inf') {
    if ((a.special === '' && a.coefficient === 0n) || (b.special === '' && b.coefficient === 0n))
      throw invalid();
    return specialDecimal('inf', negative);
  }
  return rounded(decimalOf(a.coefficient * b.coefficient, a.exponent + b.exponent, negative));
}

function divide(a: PyDecimal, b: PyDecimal): PyDecimal {
  const negative = a.negative !== b.negative;
  if (a.special === 'inf') {
    if (b.special === 'inf') throw invalid();
    return specialDecimal('inf', negative);
  }
  if (b.special === 'inf') return decimalOf(0n, -1_000_026, negative);
  if (b.coefficient === 0n) throw a.coefficient === 0n ? undefinedDivision() : divisionByZero();
  const ideal = a.exponent - b.exponent;
  if (a.coefficient === 0n) return rounded(decimalOf(0n, ideal, negative));
  const shift = Math.max(0, digitCount(b.coefficient) - digitCount(a.coefficient) + PRECISION + 1);
  const numerator = a.coefficient * 10n ** BigInt(shift);
  let quotient = numerator / b.coefficient;
  let exponent = ideal - shift;
  if (quotient * b.coefficient !== numerator) {
    // a last digit other than 0 and 5 tells the rounding that something follows
    if (quotient % 5n === 0n) quotient += 1n;
  } else {
    while (exponent < ideal && quotient % 10n === 0n) {
      quotient /= 10n;
      exponent++;
    }
  }
  return rounded(decimalOf(quotient, exponent, negative));
}

/** Quotient towards zero and the remainder with the sign of a. */
function divideWhole(a: PyDecimal, b: PyDecimal): [PyDecimal, PyDecimal] {
  const negative = a.negative !== b.negative;
  if (a.special === 'inf') {
    if (b.special === 'inf') throw invalid();
    return [specialDecimal('inf', negative), specialDecimal('nan')];
  }
  if (b.special === 'inf') return [decimalOf(0n, 0, negative), rounded(a)];
  if (b.coefficient === 0n) throw a.coefficient === 0n ? undefinedDivision() : divisionByZero();
  const distance = a.exponent + digitCount(a.coefficient) - b.exponent - digitCount(b.coefficient);
  if (a.coefficient === 0n || distance <= -2) {
    const rest = { ...a, exponent: Math.min(a.exponent, b.exponent), coefficient: scaledTo(a, b) };
    return [decimalOf(0n, 0, negative), rounded(rest)];
  }
  if (distance > PRECISION + 1) throw invalid('DivisionImpossible');
  const [x, y, exponent] = aligned(a, b);
  const quotient = x / y;
  if (digitCount(quotient) > PRECISION) throw invalid('DivisionImpossible');
  return [decimalOf(quotient, 0, negative), rounded(decimalOf(x - quotient * y, exponent, a.negative))];
}

function scaledTo(a: PyDecimal, b: PyDecimal): bigint {
  return a.exponent <= b.exponent || a.coefficient === 0n
    ? a.coefficient
    : a.coefficient * 10n ** BigInt(a.exponent - b.exponent);
}

/** Whole exponents of moderate size; Python also takes fractions, which are refused by an error. */
function power(a: PyDecimal, b: PyDecimal): PyDecimal {
  if (a.special !== '' || b.special !== '')
    throw fail('NotImplementedError', 'a power of an infinite Decimal is not supported here');
  const exponent = wholeExponent(b);
  if (exponent === null)
    throw fail(
      'NotImplementedError',
      'Decimal ** with a fraction is not supported here; use float(v) ** ...',
    );
  if (a.coefficient === 0n) {
    if (exponent === 0) throw invalid();
    if (exponent < 0) return specialDecimal('inf', a.negative && exponent % 2 !== 0);
    return decimalOf(0n, 0, a.negative && exponent % 2 !== 0);
  }
  const size = Math.abs(exponent);
  if (size * digitCount(a.coefficient) > 20_000)
    throw fail('OverflowError', 'a Decimal power of more than 20000 digits');
  const negative = a.negative && size % 2 !== 0;
  const raised = decimalOf(a.coefficient ** BigInt(size), a.exponent * size, negative);
  return exponent >= 0 ? rounded(raised) : divide(decimalOf(1n), raised);
}

function wholeExponent(value: PyDecimal): number | null {
  if (value.exponent > 6) return null;
  const whole =
    value.exponent >= 0 ? signedCoefficient(value) * 10n ** BigInt(value.exponent) : fractionless(value);
  return whole === null || whole > 100_000n || whole < -100_000n ? null : Number(whole);
}

function fractionless(value: PyDecimal): bigint | null {
  const unit = 10n ** BigInt(Math.min(-value.exponent, 400));
  return value.coefficient % unit === 0n ? signedCoefficient(value) / unit : null;
}

function divisionByZero(): PyError {
  return fail('DivisionByZero', "[<class 'decimal.DivisionByZero'>]");
}

function undefinedDivision(): PyError {
  return fail('InvalidOperation', "[<class 'decimal.DivisionUndefined'>]");
}
