import {
  formatLakeType,
  type LakeType,
  type LakeValue,
  type ScalarLakeType,
} from '../../../../domain/lake-type.ts';
import { InvalidError } from '../../../../errors.ts';
import { parseDecimal, toScale } from '../../../../transform/exact-decimal.ts';
import { daysOf, type Instant, instantOf } from './calendar.ts';
import { reserve, type Values } from './page.ts';
import { WIDE_DECIMAL_BYTES } from './schema.ts';

export type PresentValue = Exclude<LakeValue, null>;

/** Appends a value to a page in plain encoding, and counts nothing. Throws InvalidError, and then nothing was appended. */
export type PutValue = (page: Values, value: PresentValue) => void;

/**
 * How the values of a type are written. Throws InvalidError `lakehouse.value_refused` for a text with NUL or half a character, which UTF-8
 * cannot say, and `lakehouse.refused` for a value the type cannot hold.
 */
export function putterOf(type: ScalarLakeType): PutValue {
  switch (type.kind) {
    case 'boolean':
      return putBoolean;
    case 'int':
      return putInt;
    case 'long':
      return putLong;
    case 'double':
      return putDouble;
    case 'date':
      return putDate;
    case 'timestamp':
    case 'timestamptz':
      return (page, value) => putInstant(page, value, type);
    case 'decimal':
      return decimalPutter(type);
    case 'string':
    case 'uuid':
    case 'json':
      return putText;
    case 'binary':
      return putBinary;
  }
}

function putBoolean(page: Values, value: PresentValue): void {
  if (typeof value !== 'boolean') throw refused(value, { kind: 'boolean' });
  const bit = page.values % 8;
  if (bit === 0) {
    reserve(page, 1);
    page.bytes[page.length++] = 0;
  }
  if (value) page.view.setUint8(page.length - 1, page.view.getUint8(page.length - 1) | (1 << bit));
}

function putInt(page: Values, value: PresentValue): void {
  if (typeof value !== 'bigint' || BigInt.asIntN(32, value) !== value) throw refused(value, { kind: 'int' });
  appendInt32(page, Number(value));
}

function putLong(page: Values, value: PresentValue): void {
  if (typeof value !== 'bigint' || BigInt.asIntN(64, value) !== value) throw refused(value, { kind: 'long' });
  appendBigInt64(page, value);
}

function putDouble(page: Values, value: PresentValue): void {
  if (typeof value !== 'number') throw refused(value, { kind: 'double' });
  reserve(page, 8);
  page.view.setFloat64(page.length, value, true);
  page.length += 8;
}

function putDate(page: Values, value: PresentValue): void {
  const days = typeof value === 'string' ? daysOf(value) : null;
  if (days === null) throw refused(value, { kind: 'date' });
  appendInt32(page, days);
}

function putInstant(page: Values, value: PresentValue, type: LakeType): void {
  const instant = typeof value === 'string' ? instantOf(value) : null;
  if (instant === null) throw refused(value, type);
  appendMicroseconds(page, instant);
}

/** Shorter texts are copied faster by hand than by a call out of JavaScript. */
const SHORT_TEXT = 48;

function putText(page: Values, value: PresentValue): void {
  if (typeof value !== 'string') throw refused(value, { kind: 'string' });
  reserve(page, 4 + value.length * 3);
  const start = page.length + 4;
  const size = (value.length <= SHORT_TEXT && putAscii(page, start, value)) || putUtf8(page, start, value);
  page.view.setUint32(page.length, size, true);
  page.length = start + size;
}

/** 0: it is not plain ASCII without NUL. */
function putAscii({ bytes }: Values, start: number, text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0 || code > 0x7f) return 0;
    bytes[start + at] = code;
  }
  return text.length;
}

function putUtf8({ bytes }: Values, start: number, text: string): number {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidError(
      'lakehouse.value_refused',
      'A lakehouse cannot hold a text with NUL or half a character.',
    );
  }
  return bytes.write(text, start, 'utf8');
}

function putBinary(page: Values, value: PresentValue): void {
  if (!(value instanceof Uint8Array)) throw refused(value, { kind: 'binary' });
  reserve(page, 4 + value.length);
  page.view.setUint32(page.length, value.length, true);
  page.bytes.set(value, page.length + 4);
  page.length += 4 + value.length;
}

type DecimalType = Extract<LakeType, { kind: 'decimal' }>;

/** Up to 9 digits in 4 bytes, up to 18 in 8, else in WIDE_DECIMAL_BYTES with the highest first: what Spark expects. */
function decimalPutter(type: DecimalType): PutValue {
  const limit = 10n ** BigInt(type.precision);
  const safeLimit = 10 ** type.precision;
  const isSafe = type.precision <= 15;

  function putWide(page: Values, digits: string, value: PresentValue) {
    const unscaled = BigInt(digits);
    if (unscaled >= limit || unscaled <= -limit) throw refused(value, type);
    if (type.precision <= 18) return appendBigInt64(page, unscaled);
    reserve(page, WIDE_DECIMAL_BYTES);
    page.view.setBigInt64(page.length, unscaled >> 64n);
    page.view.setBigUint64(page.length + 8, BigInt.asUintN(64, unscaled));
    page.length += WIDE_DECIMAL_BYTES;
  }

  return (page, value) => {
    const digits = typeof value === 'string' ? unscaledDigits(value, type.scale) : null;
    if (digits === null) throw refused(value, type);
    if (!isSafe) return putWide(page, digits, value);
    const unscaled = Number(digits);
    if (Math.abs(unscaled) >= safeLimit) throw refused(value, type);
    if (type.precision <= 9) appendInt32(page, unscaled);
    else appendSafeInt64(page, unscaled);
  };
}

const PLAIN_DECIMAL = /^-?\d+(?:\.\d+)?$/;

/** The digits of a decimal with `scale` of them after the point, without the point. null: it is none, or would be rounded. */
function unscaledDigits(text: string, scale: number): string | null {
  const point = text.indexOf('.');
  const places = point < 0 ? 0 : text.length - point - 1;
  if (places === scale && PLAIN_DECIMAL.test(text)) return withoutPoint(text, point);
  const decimal = parseDecimal(text);
  const digits = decimal && toScale(decimal, scale);
  return digits === null ? null : withoutPoint(digits, digits.indexOf('.'));
}

function withoutPoint(digits: string, point: number): string {
  return point < 0 ? digits : digits.slice(0, point) + digits.slice(point + 1);
}

function appendInt32(page: Values, value: number): void {
  reserve(page, 4);
  page.view.setInt32(page.length, value, true);
  page.length += 4;
}

function appendBigInt64(page: Values, value: bigint): void {
  reserve(page, 8);
  page.view.setBigInt64(page.length, value, true);
  page.length += 8;
}

const TWO_32 = 2 ** 32;

/** The same for a number that is a safe integer, without making a bigint. */
function appendSafeInt64(page: Values, value: number): void {
  reserve(page, 8);
  const high = Math.floor(value / TWO_32);
  page.view.setUint32(page.length, value - high * TWO_32, true);
  page.view.setInt32(page.length + 4, high, true);
  page.length += 8;
}

/** Beyond it (the year 2255) microseconds are no safe integer. */
const SAFE_SECONDS = 9_000_000_000;

function appendMicroseconds(page: Values, { seconds, microseconds }: Instant): void {
  if (Math.abs(seconds) < SAFE_SECONDS) appendSafeInt64(page, seconds * 1_000_000 + microseconds);
  else appendBigInt64(page, BigInt(seconds) * 1_000_000n + BigInt(microseconds));
}

export function refused(value: unknown, type: LakeType): InvalidError {
  return new InvalidError(
    'lakehouse.refused',
    `The lakehouse refused a value: it is no ${formatLakeType(type)} (${typeof value}).`,
  );
}
