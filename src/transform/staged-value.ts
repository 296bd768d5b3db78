import type { PyScalar, PyValue } from '../ports/expressions.ts';
import { parseMoment } from './iso-time.ts';
import { parsePyJson } from './py-json.ts';

const INTEGERS = new Set(['bigint', 'integer', 'smallint', 'int8', 'int4', 'int2']);
const FLOATS = new Set(['double precision', 'real', 'float8', 'float4']);
const JSONS = new Set(['json', 'jsonb']);
const TIME = /^(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?(?:[+-]\d\d(?::?\d\d){0,2})?$/;

/**
 * A staged value as psycopg would hand it to an expression. `text` is Postgres' `column::text`, `stagingType` the data_type of
 * information_schema. bigint: int; double: float; boolean: bool; jsonb: parsed; numeric: Decimal; timestamp, date, time: datetime, date, time;
 * bytea: bytes; anything else, and dates Python has none for (infinity, BC, beyond 9999): their text.
 */
export function stagedToPython(text: string | null, stagingType: string): PyValue {
  if (text === null) return null;
  if (stagingType === 'text') return text;
  if (INTEGERS.has(stagingType)) return BigInt(text);
  if (FLOATS.has(stagingType)) return Number(text);
  if (stagingType === 'boolean') return text === 'true' || text === 't';
  if (JSONS.has(stagingType)) return parsePyJson(text);
  return scalarOf(text, stagingType) ?? text;
}

function scalarOf(text: string, stagingType: string): PyScalar | null {
  if (stagingType.startsWith('numeric')) return { type: 'decimal', text };
  if (stagingType === 'bytea') return text.startsWith('\\x') ? { type: 'bytes', text: text.slice(2) } : null;
  if (stagingType === 'date') return isMoment(text) ? { type: 'date', text } : null;
  if (stagingType.startsWith('timestamp'))
    return isMoment(text) ? { type: 'datetime', text: microseconds(text) } : null;
  return stagingType.startsWith('time') && TIME.test(text)
    ? { type: 'time', text: microseconds(text) }
    : null;
}

function isMoment(text: string): boolean {
  return typeof parseMoment(text) !== 'string';
}

/** '12:00:00.5+00' as Python reads it: six digits of fraction, offset with minutes. */
function microseconds(text: string): string {
  return text
    .replace(/\.(\d{1,6})/, (_, digits: string) => `.${digits.padEnd(6, '0')}`)
    .replace(/(:\d\d(?:\.\d+)?[+-]\d\d)$/, '$1:00');
}

/** A staged value on its way to a column without a transform: nothing is lost, numerics keep their digits and jsonb its text. */
export function stagedToCastable(text: string | null, stagingType: string): PyValue {
  if (text === null) return null;
  if (stagingType === 'boolean') return text === 'true' || text === 't';
  if (FLOATS.has(stagingType)) return Number(text);
  if (INTEGERS.has(stagingType)) return BigInt(text);
  return text;
}

/** Whether the staged text is a JSON document already. */
export function isJsonText(stagingType: string): boolean {
  return JSONS.has(stagingType);
}
