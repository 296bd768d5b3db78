import type { LakeScalar, LakeType, ScalarLakeType } from '../domain/lake-type.ts';
import type { PyScalar, PyValue } from '../ports/expressions.ts';
import { CastError } from './cast-error.ts';
import { exactDouble, parseDecimal, toScale } from './exact-decimal.ts';
import { isInCalendar, parseMoment, printDate, printTimestamp } from './iso-time.ts';
import { isScalar, printPyJson, scalarText } from './py-json.ts';
import { floatRepr } from './python/float-digits.ts';

const INT_RANGE = 2n ** 31n;
const LONG_RANGE = 2n ** 63n;
const TRUE_WORDS = ['true', 't', 'yes', 'y', 'on', '1'];
const FALSE_WORDS = ['false', 'f', 'no', 'n', 'off', '0'];

type PrintJson = (value: PyValue) => string;

/**
 * Text is read (numbers, dates, booleans), everything can become text (as JSON writes it) or json. A Decimal, a date, a time are their text,
 * but none is taken for a kind of column it is not. Throws CastError.
 */
export function castToScalar(
  value: PyValue,
  type: ScalarLakeType,
  print: PrintJson = printPyJson,
): LakeScalar {
  if (value === null) return null;
  if (isScalar(value)) return castScalar(value, type, print);
  switch (type.kind) {
    case 'string':
      return whole(typeof value === 'string' ? value : jsonText(value, type, print), type);
    case 'boolean':
      return castBoolean(value);
    case 'int':
      return castInteger(value, type, INT_RANGE);
    case 'long':
      return castInteger(value, type, LONG_RANGE);
    case 'double':
      return castDouble(value);
    case 'decimal':
      return castDecimal(value, type);
    case 'date':
      return printDate(momentOf(value, type));
    case 'timestamp':
      return printTimestamp(momentOf(value, type), '');
    case 'timestamptz':
      return printTimestamp(momentOf(value, type), 'Z');
    case 'binary':
      return castBinary(value, type);
    case 'uuid':
      return castUuid(value, type);
    case 'json':
      return whole(jsonDocument(value, type, print), type);
  }
}

const SCALAR_TYPES: Readonly<Record<PyScalar['type'], readonly LakeType['kind'][]>> = {
  decimal: ['boolean', 'int', 'long', 'double', 'decimal'],
  date: ['date', 'timestamp', 'timestamptz'],
  datetime: ['date', 'timestamp', 'timestamptz'],
  time: [],
  timedelta: [],
  bytes: ['binary'],
};

function castScalar(value: PyScalar, type: ScalarLakeType, print: PrintJson): LakeScalar {
  const text = scalarText(value);
  if (type.kind === 'string') {
    if (value.type === 'bytes') throw new CastError(text, type, 'it is bytes; .decode() makes text of them');
    return text;
  }
  if (type.kind === 'json') return print(value);
  if (!SCALAR_TYPES[value.type].includes(type.kind)) throw new CastError(text, type, `it is a ${value.type}`);
  if (type.kind === 'boolean') return castBoolean(wholeDecimal(text));
  return castToScalar(text, type);
}

function wholeDecimal(text: string): PyValue {
  const decimal = parseDecimal(text);
  const digits = decimal ? toScale(decimal, 0) : null;
  return digits === null ? text : BigInt(digits);
}

function castBoolean(value: PyValue): boolean {
  if (typeof value === 'boolean') return value;
  if (value === 0n || value === 1n) return value === 1n;
  if (typeof value === 'string') {
    const word = value.trim().toLowerCase();
    if (TRUE_WORDS.includes(word)) return true;
    if (FALSE_WORDS.includes(word)) return false;
  }
  throw new CastError(value, { kind: 'boolean' }, 'it is neither true nor false');
}

function castInteger(value: PyValue, type: LakeType, range: bigint): bigint {
  const whole = wholeNumber(value, type);
  if (whole < -range || whole >= range) throw new CastError(value, type, 'it is out of range');
  return whole;
}

function wholeNumber(value: PyValue, type: LakeType): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw new CastError(value, type, 'it is not a whole number');
    return BigInt(value);
  }
  const decimal = typeof value === 'string' ? parseDecimal(value) : null;
  if (!decimal) throw new CastError(value, type, 'it is not a number');
  const digits = toScale(decimal, 0);
  if (digits === null) throw new CastError(value, type, 'it is not a whole number in range');
  return BigInt(digits);
}

function castDouble(value: PyValue): number {
  const type: LakeType = { kind: 'double' };
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') {
    const double = Number(value);
    if (Number.isFinite(double) && BigInt(double) === value) return double;
    throw new CastError(value, type, 'a double would lose digits');
  }
  if (typeof value !== 'string') throw new CastError(value, type, 'it is not a number');
  const word = /^([+-]?)(nan|inf(?:inity)?)$/i.exec(value.trim());
  if (word) return (word[1] === '-' ? -1 : 1) * (/nan/i.test(value) ? Number.NaN : Number.POSITIVE_INFINITY);
  const double = exactDouble(value);
  if (double !== null) return /^\s*-[0.]+$/.test(value) ? -0 : double;
  throw new CastError(value, type, parseDecimal(value) ? 'a double would lose digits' : 'it is not a number');
}

function castDecimal(value: PyValue, type: Extract<LakeType, { kind: 'decimal' }>): string {
  const decimal = parseDecimal(numberText(value));
  if (!decimal) throw new CastError(value, type, 'it is not a finite number');
  const digits = toScale(decimal, type.scale);
  if (digits === null && decimal.exponent < 0) {
    throw new CastError(
      value,
      type,
      `it has more than ${type.scale} digits after the point; round(..., ${type.scale}) it`,
    );
  }
  if (digits === null || digits.replace(/[-.]/g, '').replace(/^0+/, '').length > type.precision) {
    throw new CastError(value, type, 'it is out of range');
  }
  return digits;
}

function numberText(value: PyValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number' && Number.isFinite(value)) return floatRepr(value);
  return typeof value === 'boolean' ? String(Number(value)) : '';
}

function momentOf(value: PyValue, type: LakeType) {
  if (typeof value !== 'string') throw new CastError(value, type, 'it is not text like 2026-03-28T12:00:00Z');
  const moment = parseMoment(value.trim());
  if (typeof moment === 'string') throw new CastError(value, type, moment);
  if (
    type.kind === 'date' &&
    (moment.microseconds !== 0 || moment.secondsOfDay !== 0 || moment.offsetS !== null)
  ) {
    throw new CastError(value, type, 'it has a time of day or a zone; str(v)[:10] cuts it off');
  }
  if (!isInCalendar(moment)) throw new CastError(value, type, 'in UTC it is before the year 1 or after 9999');
  return moment;
}

/** `\x` and hex digits as Postgres writes bytea, else base64. */
function castBinary(value: PyValue, type: LakeType): Uint8Array {
  if (typeof value === 'string') {
    if (/^\\x(?:[0-9a-f]{2})*$/i.test(value)) return Buffer.from(value.slice(2), 'hex');
    if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value))
      return Buffer.from(value, 'base64');
  }
  throw new CastError(value, type, 'it is neither \\x hex nor base64');
}

function castUuid(value: PyValue, type: LakeType): string {
  const hex = typeof value === 'string' ? value.trim().toLowerCase() : '';
  const dashed = /^([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})$/.exec(hex);
  if (!dashed) throw new CastError(value, type, 'it is not a UUID');
  return dashed.slice(1).join('-');
}

/** Text that is a JSON object or array already stays as it is; any other text becomes a JSON string. */
function jsonDocument(value: PyValue, type: LakeType, print: PrintJson): string {
  if (typeof value === 'string' && /^\s*[[{]/.test(value) && isJson(value)) return value;
  return jsonText(value, type, print);
}

/** Not Python's JSON: no engine takes NaN. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function jsonText(value: PyValue, type: LakeType, print: PrintJson): string {
  if (type.kind === 'json' && holdsNonFinite(value))
    throw new CastError(value, type, 'JSON has no NaN and no Infinity');
  return print(value);
}

function holdsNonFinite(value: PyValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (Array.isArray(value)) return value.some(holdsNonFinite);
  return value instanceof Map && [...value.values()].some(holdsNonFinite);
}

function whole(text: string, type: LakeType): string {
  if (text.includes('\0') || (type.kind === 'json' && /(?:^|[^\\])(?:\\\\)*\\u0000/.test(text)))
    throw new CastError(text, type, 'it holds a NUL character');
  if (!text.isWellFormed()) throw new CastError(text, type, 'it holds half a character');
  return text;
}
