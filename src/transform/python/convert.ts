import { intToFloat, sized, tooManyDigits } from './arithmetic.ts';
import { decimalToFloat, decimalToInt } from './decimal.ts';
import { fail } from './errors.ts';
import type { Meter } from './meter.ts';
import { reprOf } from './repr.ts';
import { asciiDigits, stripSpace } from './unicode-text.ts';
import { indexOf, isInt, isKind, type Py, typeName, whole } from './values.ts';

const MAX_INT_DIGITS = 4300;
const PLAIN_FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const FLOAT = /^[+-]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:e[+-]?\d+(?:_\d+)*)?$/i;
const FLOAT_WORD = /^([+-]?)(?:(inf|infinity)|nan)$/i;

/** float(). */
export function toFloat(meter: Meter, value: Py): number {
  if (typeof value === 'string') return floatOfText(meter, value);
  if (typeof value === 'number') return value;
  if (isInt(value)) return intToFloat(whole(value));
  if (isKind(value, 'decimal')) return decimalToFloat(value);
  if (isKind(value, 'bytes')) return floatOfText(meter, Buffer.from(value.bytes).toString('latin1'), value);
  throw fail('TypeError', `float() argument must be a string or a real number, not '${typeName(value)}'`);
}

function floatOfText(meter: Meter, text: string, shown: Py = text): number {
  if (PLAIN_FLOAT.test(text)) return Number(text);
  const trimmed = trimmedNumber(text);
  if (FLOAT.test(trimmed)) return Number(trimmed.replaceAll('_', ''));
  const word = FLOAT_WORD.exec(trimmed);
  if (!word) throw fail('ValueError', `could not convert string to float: ${reprOf(meter, shown)}`);
  if (!word[2]) return Number.NaN;
  return word[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** White space is C's where the text is ASCII, and Unicode's where it is not. */
function trimmedNumber(text: string): string {
  if (/^[\0-\x7f]*$/.test(text)) return text.replace(/^[\t-\r ]+/, '').replace(/[\t-\r ]+$/, '');
  return asciiDigits(stripSpace(text, 0));
}

/** int() of one argument. */
export function toInt(meter: Meter, value: Py): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'string') return intOfText(meter, value, 10);
  if (typeof value === 'number') return floatToInt(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (isKind(value, 'decimal')) return decimalToInt(value);
  if (isKind(value, 'bytes')) return intOfText(meter, Buffer.from(value.bytes).toString('latin1'), 10, value);
  throw fail(
    'TypeError',
    `int() argument must be a string, a bytes-like object or a real number, not '${typeName(value)}'`,
  );
}

/** int(text, base). */
export function toIntOfBase(meter: Meter, value: Py, base: Py): bigint {
  const radix = indexOf(base);
  if (typeof value !== 'string' && !isKind(value, 'bytes'))
    throw fail('TypeError', "int() can't convert non-string with explicit base");
  if (radix !== 0n && (radix < 2n || radix > 36n))
    throw fail('ValueError', 'int() base must be >= 2 and <= 36, or 0');
  const text = typeof value === 'string' ? value : Buffer.from(value.bytes).toString('latin1');
  return intOfText(meter, text, Number(radix), value);
}

const PREFIXES: Record<string, number> = { '0x': 16, '0o': 8, '0b': 2 };

function intOfText(meter: Meter, text: string, asked: number, shown: Py = text): bigint {
  const bad = () =>
    fail('ValueError', `invalid literal for int() with base ${asked}: ${reprOf(meter, shown)}`);
  const trimmed = trimmedNumber(text).toLowerCase();
  const negative = trimmed.startsWith('-');
  let digits = negative || trimmed.startsWith('+') ? trimmed.slice(1) : trimmed;
  let base = asked;
  const prefixed = PREFIXES[digits.slice(0, 2)];
  if (prefixed !== undefined && (base === prefixed || base === 0)) {
    base = prefixed;
    digits = digits.slice(2).replace(/^_/, '');
  } else if (base === 0) {
    base = 10;
    if (/^0[0_]*[1-9]/.test(digits)) throw bad();
  }
  if (!/^[0-9a-z]+(?:_[0-9a-z]+)*$/.test(digits)) throw bad();
  digits = digits.replaceAll('_', '');
  if ([...digits].some((digit) => Number.parseInt(digit, 36) >= base)) throw bad();
  const value = base === 10 ? decimalDigits(digits) : digitsOfBase(meter, digits, base);
  return negative ? -value : value;
}

function decimalDigits(digits: string): bigint {
  if (digits.length > MAX_INT_DIGITS) {
    throw fail(
      'ValueError',
      `Exceeds the limit (${MAX_INT_DIGITS} digits) for integer string conversion: value has ${digits.length} digits; use sys.set_int_max_str_digits() to increase the limit`,
    );
  }
  return BigInt(digits);
}

function digitsOfBase(meter: Meter, digits: string, base: number): bigint {
  if (digits.length > 10_000) throw tooManyDigits();
  meter.spend(digits.length);
  let value = 0n;
  for (const digit of digits) value = value * BigInt(base) + BigInt(Number.parseInt(digit, 36));
  return sized(meter, value);
}

export function floatToInt(x: number): bigint {
  if (Number.isNaN(x)) throw fail('ValueError', 'cannot convert float NaN to integer');
  if (!Number.isFinite(x)) throw fail('OverflowError', 'cannot convert float infinity to integer');
  return BigInt(Math.trunc(x));
}
