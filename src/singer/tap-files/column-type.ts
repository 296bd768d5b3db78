/** What a column is known to hold. `unknown`: only nulls so far; `any`: never checked (a catalog said something of its own). */
export type ColumnType =
  | 'unknown'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'date'
  | 'date-time'
  | 'string'
  | 'array'
  | 'object'
  | 'any';

/** The part of JSON Schema a Singer property is written in. */
export interface Property {
  type?: string | readonly string[];
  format?: string;
  [keyword: string]: unknown;
}

/** The narrowest type that holds both; whatever does not go together becomes string. */
export function widen(left: ColumnType, right: ColumnType): ColumnType {
  if (left === right || right === 'unknown' || left === 'any') return left;
  if (left === 'unknown') return right;
  if (left === 'integer' && right === 'number') return 'number';
  if (left === 'number' && right === 'integer') return 'number';
  return 'string';
}

const INTEGER = /^-?(?:0|[1-9][0-9]*)$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)?(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INT64_MAX = 9223372036854775807n;

/** An integer as a machine writes it, within 64 bits: "00501", "+5" and " 5" are texts. */
export function isIntegerText(text: string): boolean {
  if (!INTEGER.test(text)) return false;
  if (text.length < 19) return true;
  const value = BigInt(text);
  return value <= INT64_MAX && value >= -INT64_MAX - 1n;
}

/** A JSON number, or one that lacks only the zero before its point; never one with leading zeros. */
export function isNumberText(text: string): boolean {
  const first = text.charCodeAt(text.charCodeAt(0) === MINUS ? 1 : 0);
  if (!(first >= 48 && first <= 57) && first !== DOT) return false;
  if (!NUMBER.test(text)) return false;
  return /[.eE]/.test(text) || isIntegerText(text);
}

const MINUS = 45;
const DOT = 46;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATE_TIME =
  /^(\d{4}-\d{2}-\d{2})[T ]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?$/;
const THIRTY = [4, 6, 9, 11];

/** YYYY-MM-DD of a day that exists. */
export function isDateText(text: string): boolean {
  const match = text.length === 10 ? DATE.exec(text) : null;
  if (!match) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const last = month === 2 ? (leap ? 29 : 28) : THIRTY.includes(month) ? 30 : 31;
  return day <= last;
}

/** ISO 8601 date and time, "T" or a space between, with or without an offset. */
export function isDateTimeText(text: string): boolean {
  const match = text.length >= 16 ? DATE_TIME.exec(text) : null;
  return match !== null && isDateText(match[1] ?? '');
}

/** The narrowest type of a text that carries no type of its own (a CSV field). */
export function typeOfText(text: string): ColumnType {
  if (isIntegerText(text)) return 'integer';
  if (isNumberText(text)) return 'number';
  if (isBooleanText(text)) return 'boolean';
  return typeOfString(text);
}

/** The type of a string that is already known to be one. */
export function typeOfString(text: string): ColumnType {
  const first = text.charCodeAt(0);
  if (first < 48 || first > 57) return 'string';
  if (isDateText(text)) return 'date';
  return isDateTimeText(text) ? 'date-time' : 'string';
}

export function isBooleanText(text: string): boolean {
  return (text.length === 4 || text.length === 5) && /^(?:true|false)$/i.test(text);
}

export function propertyOf(type: ColumnType): Property {
  switch (type) {
    case 'unknown':
      return { type: ['null', 'string'] };
    case 'any':
      return {};
    case 'date':
    case 'date-time':
      return { type: ['null', 'string'], format: type };
    default:
      return { type: ['null', type] };
  }
}

/** Reads a property of a catalog back; what this tap would not have written is `any`. */
export function typeOfProperty(property: Property): ColumnType {
  const types = [property.type ?? []].flat().filter((type) => type !== 'null');
  const [type] = types;
  if (types.length !== 1 || type === undefined) return 'any';
  if (type === 'string' && (property.format === 'date' || property.format === 'date-time'))
    return property.format;
  return SIMPLE_TYPES.find((simple) => simple === type) ?? 'any';
}

const SIMPLE_TYPES = ['boolean', 'integer', 'number', 'string', 'array', 'object'] as const;
