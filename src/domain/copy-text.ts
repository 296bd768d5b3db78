import { InvalidError } from '../errors.ts';
import { printLakeJson } from './lake-json.ts';
import { isNestedType, type LakeScalar, type LakeType, type LakeValue } from './lake-type.ts';

/** NULL as a field of Postgres' COPY text format. */
export const COPY_NULL = '\\N';

const ESCAPES: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };
const LETTERS: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * One value of a column of this type as a field of COPY's text format; a nested one is JSON. Throws InvalidError `lakehouse.value_refused` for
 * what Postgres cannot hold.
 */
export function copyFieldOf(value: LakeValue, type: LakeType): string {
  if (isNestedType(type)) return copyField(value === null ? null : printLakeJson(value, type));
  if (!isScalar(value))
    throw new InvalidError('lakehouse.refused', `A list does not fit a column of type ${type.kind}.`);
  return copyField(value);
}

function isScalar(value: LakeValue): value is LakeScalar {
  return !Array.isArray(value);
}

/** The same for a value that is not nested. */
export function copyField(value: LakeScalar): string {
  if (value === null) return COPY_NULL;
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? 't' : 'f';
  if (typeof value === 'object') return `\\\\x${Buffer.from(value).toString('hex')}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

/** The text of a field as COPY writes it: Postgres never escapes by octal or hexadecimal digits. */
export function textOfField(field: string): string | null {
  if (field === COPY_NULL) return null;
  return field.includes('\\')
    ? field.replace(/\\(.)/gs, (_, letter: string) => LETTERS[letter] ?? letter)
    : field;
}

function escaped(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidError(
      'lakehouse.value_refused',
      'Postgres cannot hold a text with NUL or half a character.',
    );
  }
  return /[\\\t\n\r]/.test(text)
    ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character)
    : text;
}
