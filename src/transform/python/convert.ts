import { intToFloat, roundInt, sized, tooManyDigits } from './arithmetic.ts';
import { decimalOf, decimalToFloat, decimalToInt, rounded } from './decimal.ts';
import { invalid } from './decimal-arithmetic.ts';
import { fail } from './errors.ts';
import { digitCount, dropDigits, exactDigits, fixedFloat } from './float-digits.ts';
import type { Meter } from './meter.ts';
import { reprOf } from './repr.ts';
import { asciiDigits, stripSpace } from './unicode-text.ts';
import { bytesOf, indexOf, isInt, isKind, type Py, type PyDecimal, typeName, whole } from './values.ts';

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

/** abs(). */
export function absolute(value: Py): Py {
  if (typeof value === 'number') return Math.abs(value);
  if (isInt(value)) return whole(value) < 0n ? -whole(value) : whole(value);
  if (isKind(value, 'decimal')) return rounded({ ...value, negative: false });
  if (isKind(value, 'timedelta'))
    return value.microseconds < 0n ? { ...value, microseconds: -value.microseconds } : value;
  throw fail('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
}

/** round(value) and round(value, places). */
export function round(value: Py, places: Py): Py {
  if (isInt(value)) {
    if (places === null) return whole(value);
    const count = indexOf(places);
    return count >= 0n ? whole(value) : roundInt(whole(value), Number(-count));
  }
  if (typeof value === 'number')
    return places === null ? roundToInt(value) : roundFloat(value, indexOf(places));
  if (isKind(value, 'decimal'))
    return places === null ? roundDecimal(value) : quantized(value, -Number(indexOf(places)));
  throw fail('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
}

function roundToInt(x: number): bigint {
  if (!Number.isFinite(x)) return floatToInt(x);
  const { coefficient, exponent } = exactDigits(x);
  const size = dropDigits(coefficient, -exponent);
  return x < 0 ? -size : size;
}

function roundFloat(x: number, places: bigint): number {
  if (!Number.isFinite(x) || places > 323n) return x;
  if (places < -308n) return x < 0 || Object.is(x, -0) ? -0 : 0;
  const size = places >= 0n ? Number(fixedFloat(x, Number(places))) : roundedTo(x, -Number(places));
  if (!Number.isFinite(size)) throw fail('OverflowError', 'rounded value too large to represent');
  return x < 0 || Object.is(x, -0) ? -size : size;
}

function roundedTo(x: number, places: number): number {
  const { coefficient, exponent } = exactDigits(x);
  return Number(`${dropDigits(coefficient, places - exponent)}e${places}`);
}

function roundDecimal(value: PyDecimal): bigint {
  if (value.special !== '') return decimalToInt(value);
  if (value.exponent >= 0) return decimalToInt(value);
  const size =
    -value.exponent > digitCount(value.coefficient) + 1 ? 0n : dropDigits(value.coefficient, -value.exponent);
  return value.negative ? -size : size;
}

/** The value at `exponent`, half to even. Throws InvalidOperation beyond 28 digits. */
export function quantized(value: PyDecimal, exponent: number, mode = 'ROUND_HALF_EVEN'): PyDecimal {
  if (value.special === 'nan') return value;
  if (value.special !== '') throw invalid();
  if (exponent < -1_000_026 || exponent > 999_999) throw invalid();
  const drop = exponent - value.exponent;
  const length = digitCount(value.coefficient);
  if (-drop + length > 28 && value.coefficient !== 0n) throw invalid();
  const coefficient =
    drop > length + 1
      ? tinyRounded(value, mode)
      : drop <= 0
        ? dropDigits(value.coefficient, Math.max(drop, -28))
        : roundedDown(value, drop, mode);
  if (digitCount(coefficient) > 28) throw invalid();
  return { ...decimalOf(coefficient, exponent, value.negative) };
}

function tinyRounded(value: PyDecimal, mode: string): bigint {
  if (value.coefficient === 0n) return 0n;
  const up =
    mode === 'ROUND_UP' ||
    mode === 'ROUND_05UP' ||
    (mode === 'ROUND_CEILING' && !value.negative) ||
    (mode === 'ROUND_FLOOR' && value.negative);
  return up ? 1n : 0n;
}

/** Drops digits by one of decimal's rounding modes. */
export function roundedDown({ coefficient, negative }: PyDecimal, places: number, mode: string): bigint {
  const unit = 10n ** BigInt(places);
  const quotient = coefficient / unit;
  const rest = coefficient - quotient * unit;
  if (rest === 0n) return quotient;
  switch (mode) {
    case 'ROUND_HALF_EVEN':
      return dropDigits(coefficient, places);
    case 'ROUND_HALF_UP':
      return rest * 2n >= unit ? quotient + 1n : quotient;
    case 'ROUND_HALF_DOWN':
      return rest * 2n > unit ? quotient + 1n : quotient;
    case 'ROUND_UP':
      return quotient + 1n;
    case 'ROUND_DOWN':
      return quotient;
    case 'ROUND_CEILING':
      return negative ? quotient : quotient + 1n;
    case 'ROUND_FLOOR':
      return negative ? quotient + 1n : quotient;
    case 'ROUND_05UP':
      return quotient % 5n === 0n ? quotient + 1n : quotient;
    default:
      throw fail(
        'TypeError',
        'valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]',
      );
  }
}

/** text.encode(), bytes(text, encoding). */
export function encodeText(meter: Meter, text: string, encoding: string, errors: string) {
  meter.allocate(text.length * 3);
  const name = codecName(encoding);
  if (name === 'utf8') return bytesOf(Buffer.from(text, 'utf8'));
  const limit = name === 'ascii' ? 128 : 256;
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < limit) bytes.push(code);
    else bytes.push(...unencodable(code, name, errors, limit));
  }
  return bytesOf(Uint8Array.from(bytes));
}

function unencodable(code: number, name: string, errors: string, limit: number): number[] {
  if (errors === 'ignore') return [];
  if (errors === 'replace') return [63];
  const hex = code.toString(16);
  const escaped =
    code < 256
      ? `\\x${hex.padStart(2, '0')}`
      : code < 65_536
        ? `\\u${hex.padStart(4, '0')}`
        : `\\U${hex.padStart(8, '0')}`;
  if (errors === 'xmlcharrefreplace') return [...Buffer.from(`&#${code};`)];
  if (errors === 'backslashreplace') return [...Buffer.from(escaped)];
  if (errors !== 'strict') throw fail('LookupError', `unknown error handler name '${errors}'`);
  const codec = name === 'ascii' ? 'ascii' : 'latin-1';
  throw fail(
    'UnicodeEncodeError',
    `'${codec}' codec can't encode character '${escaped}' in position ?: ordinal not in range(${limit})`,
  );
}

export function decodeBytes(meter: Meter, bytes: Uint8Array, encoding: string, errors: string): string {
  meter.allocate(bytes.length * 2);
  const name = codecName(encoding);
  if (name === 'latin1') return Buffer.from(bytes).toString('latin1');
  if (!['strict', 'ignore', 'replace'].includes(errors))
    throw fail('LookupError', `unknown error handler name '${errors}'`);
  if (name === 'ascii') return decodeAscii(bytes, errors);
  try {
    const text = new TextDecoder('utf-8', { fatal: errors !== 'replace', ignoreBOM: true }).decode(bytes);
    return text;
  } catch {
    if (errors === 'ignore') return decodeIgnoring(bytes);
    throw fail('UnicodeDecodeError', "'utf-8' codec can't decode the bytes");
  }
}

function decodeAscii(bytes: Uint8Array, errors: string): string {
  const high = bytes.findIndex((byte) => byte > 127);
  if (high >= 0 && errors === 'strict') {
    const byte = (bytes[high] ?? 0).toString(16);
    throw fail(
      'UnicodeDecodeError',
      `'ascii' codec can't decode byte 0x${byte} in position ${high}: ordinal not in range(128)`,
    );
  }
  return Array.from(bytes, (byte) =>
    byte < 128 ? String.fromCharCode(byte) : errors === 'ignore' ? '' : '\ufffd',
  ).join('');
}

/** U+FFFD that is really there survives: only what replaces malformed bytes is left out. */
function decodeIgnoring(bytes: Uint8Array): string {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const real = Buffer.from('\ufffd');
  return Buffer.from(bytes)
    .toString('latin1')
    .split(real.toString('latin1'))
    .map((part) => decoder.decode(Buffer.from(part, 'latin1')).replaceAll('\ufffd', ''))
    .join('\ufffd');
}

function codecName(encoding: string): 'utf8' | 'ascii' | 'latin1' {
  const name = encoding.toLowerCase().replace(/[-_ ]/g, '');
  if (name === 'utf8' || name === 'u8') return 'utf8';
  if (name === 'ascii' || name === 'usascii') return 'ascii';
  if (name === 'latin1' || name === 'iso88591' || name === 'l1') return 'latin1';
  throw fail('LookupError', `the encoding ${encoding} is not supported here; utf-8, ascii and latin-1 are`);
}
