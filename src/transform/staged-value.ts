import type { PyValue } from '../ports/expressions.ts';
import { CastError } from './cast-error.ts';
import { exactDouble } from './exact-decimal.ts';
import { parsePyJson } from './py-json.ts';

const INTEGERS = new Set(['bigint', 'integer', 'smallint', 'int8', 'int4', 'int2']);
const FLOATS = new Set(['double precision', 'real', 'float8', 'float4']);
const JSONS = new Set(['json', 'jsonb']);
const TIMES = /^(?:timestamp|time)/;

/**
 * A staged value as a Python client (psycopg) would hand it to an expression. `text` is Postgres' `column::text`, `stagingType` the
 * data_type of information_schema. bigint: int; double: float; boolean: bool; jsonb: parsed; numeric: int without a fraction, else float;
 * timestamps, dates, times: what str() of the Python object gives. Throws CastError for a numeric that a float would cut.
 */
export function stagedToPython(text: string | null, stagingType: string): PyValue {
  if (text === null) return null;
  if (INTEGERS.has(stagingType)) return BigInt(text);
  if (FLOATS.has(stagingType)) return Number(text);
  if (stagingType === 'boolean') return text === 'true' || text === 't';
  if (JSONS.has(stagingType)) return parsePyJson(text);
  if (stagingType.startsWith('numeric')) return numericToPython(text);
  return TIMES.test(stagingType) ? pythonTime(text) : text;
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

function numericToPython(text: string): PyValue {
  if (/^-?\d+$/.test(text)) return BigInt(text);
  if (/^(?:NaN|-?Infinity)$/.test(text)) return Number(text);
  const float = exactDouble(text);
  if (float === null) {
    throw new CastError(
      text,
      { kind: 'double' },
      'an expression sees a numeric as a float, which would lose digits',
    );
  }
  return float;
}

/** '2026-03-28 12:00:00.5+00' as Python prints it: six digits of fraction, offset with minutes. */
function pythonTime(text: string): string {
  return text
    .replace(/\.(\d{1,6})/, (_, digits: string) => `.${digits.padEnd(6, '0')}`)
    .replace(/(:\d\d(?:\.\d+)?[+-]\d\d)$/, '$1:00');
}
