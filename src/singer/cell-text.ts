import type { PgType } from './column-type.ts';
import { TIMESTAMP } from './column-type.ts';
import { type IntegerType, integerText } from './integer-text.ts';
import { jsonOf, MARK_CODE, readMarked } from './number-text.ts';
import { Refusal } from './refusal.ts';
import { digitFirst, plainDate, shown, utcTimestamp } from './timestamp-text.ts';

/** A value, never null, as one field of a COPY text row. Throws Refusal when the column cannot hold it, WidenColumn when a wider one could. */
export type CellText = (value: unknown) => string;

const DECIMAL = /^-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/;
const UUID = /^\{?[\da-f]{4}(?:-?[\da-f]{4}){7}\}?$/i;
const SPECIAL = /[\\\t\n\r\0]/;
const SPECIALS = /[\\\t\n\r\0]/g;
const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
  '\0': '\ufffd',
};

export function cellTextFor(type: PgType): CellText {
  if (type.endsWith('[]')) return arrayCell(valueTextFor(type.slice(0, -2)));
  const text = valueTextFor(type);
  switch (type) {
    case 'smallint':
    case 'integer':
    case 'bigint':
    case 'boolean':
      return text;
    default:
      return (value) => escapeCopy(text(value));
  }
}

/** COPY text escapes. NUL, which Postgres cannot store, becomes U+FFFD; so do lone surrogates when the text turns into UTF-8. */
export function escapeCopy(text: string): string {
  return SPECIAL.test(text) ? text.replace(SPECIALS, (found) => ESCAPES[found] ?? found) : text;
}

function valueTextFor(type: PgType): CellText {
  switch (type) {
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerCell(type);
    case 'boolean':
      return booleanText;
    case TIMESTAMP:
      return (value) => utcTimestamp(stringOf(value, type));
    case 'date':
      return (value) => plainDate(stringOf(value, type));
    case 'jsonb':
    case 'json':
      return jsonOf;
    default:
      return otherText(type);
  }
}

function otherText(type: PgType): CellText {
  const limits = /^numeric\((\d+),(-?\d+)\)$/.exec(type);
  if (limits) return limitedDecimal(Number(limits[1]) - Number(limits[2]), type);
  if (type === 'numeric' || type === 'double precision' || type === 'real') return decimalText;
  if (type === 'uuid') return uuidText;
  if (type.startsWith('time')) return (value) => digitFirst(stringOf(value, type));
  return textOf;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') {
    if (value.charCodeAt(0) !== MARK_CODE) return value;
    const meant = readMarked(value);
    return 'number' in meant ? meant.number : meant.string;
  }
  return typeof value === 'object' ? jsonOf(value) : String(value);
}

function stringOf(value: unknown, type: PgType): string {
  if (typeof value === 'string' && value.charCodeAt(0) !== MARK_CODE) return value;
  throw new Refusal('singer.value_refused', `${shown(textOf(value))} is not a ${type}.`);
}

function booleanText(value: unknown): string {
  if (value === true) return 't';
  if (value === false) return 'f';
  throw new Refusal('singer.value_refused', `${shown(textOf(value))} is not a boolean.`);
}

function decimalText(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const text = typeof value === 'string' ? textOf(value) : '';
  if (DECIMAL.test(text)) return text;
  throw new Refusal('singer.value_refused', `${shown(textOf(value))} is not a number.`);
}

/** Refuses what has more digits before the point than the column. */
function limitedDecimal(digits: number, type: PgType): CellText {
  return (value) => {
    const text = decimalText(value);
    const whole = /^-?0*(\d*)(?:\.\d*)?$/.exec(text)?.[1] ?? '';
    if (whole.length > digits)
      throw new Refusal('singer.value_refused', `${shown(text)} is too large for ${type}.`);
    return text;
  };
}

function uuidText(value: unknown): string {
  const text = stringOf(value, 'uuid');
  if (UUID.test(text)) return text;
  throw new Refusal('singer.value_refused', `"${shown(text)}" is not a uuid.`);
}

function integerCell(type: IntegerType): CellText {
  return (value) => {
    if (typeof value === 'number' && value === (value | 0) && type !== 'smallint') return String(value);
    return integerText(typeof value === 'number' || typeof value === 'string' ? textOf(value) : '?', type);
  };
}

function arrayCell(element: CellText): CellText {
  const quoted = (value: unknown) => {
    if (value === null || value === undefined) return 'NULL';
    return `"${element(value).replace(/["\\]/g, '\\$&')}"`;
  };
  return (value) => {
    if (!Array.isArray(value))
      throw new Refusal('singer.value_refused', `${shown(jsonOf(value))} is not an array.`);
    return escapeCopy(`{${value.map(quoted).join(',')}}`);
  };
}
