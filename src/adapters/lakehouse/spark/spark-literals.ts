import {
  formatLakeType,
  isNestedType,
  type LakeType,
  type LakeValue,
  type NestedLakeType,
} from '../../../domain/lake-type.ts';
import { InvalidError } from '../../../errors.ts';
import { sparkType } from './spark-types.ts';

type PresentValue = Exclude<LakeValue, null>;

/**
 * Text that means the same in every mode of Spark's parser: no quote, no backslash, no `$` (Spark puts settings in place of `${..}`, inside
 * quotes too), no control character.
 */
const PLAIN = /^[\p{L}\p{N} !#%&()*+,\-./:;<=>?@[\]^_{|}~]*$/u;
const RANGE = {
  int: [-(2n ** 31n), 2n ** 31n - 1n],
  long: [-(2n ** 63n), 2n ** 63n - 1n],
} as const;

/**
 * A value in SQL text that no value breaks out of: what is not plain is written in hexadecimal digits. Throws InvalidError
 * `lakehouse.value_refused` and `lakehouse.refused`.
 */
export function sparkLiteral(value: LakeValue, type: LakeType): string {
  if (value === null) return 'NULL';
  if (isNestedType(type)) return `CAST(${nested(value, type)} AS ${sparkType(type)})`;
  if (isItems(value)) throw unfit(value, type);
  switch (type.kind) {
    case 'int':
    case 'long':
      return integer(value, type.kind);
    case 'boolean':
      if (typeof value !== 'boolean') throw unfit(value, type);
      return value ? 'TRUE' : 'FALSE';
    case 'double':
      if (typeof value !== 'number') throw unfit(value, type);
      return `DOUBLE('${Object.is(value, -0) ? '-0.0' : value}')`;
    case 'binary':
      if (!(value instanceof Uint8Array)) throw unfit(value, type);
      return hexadecimal(value);
    case 'string':
    case 'uuid':
    case 'json':
      if (typeof value !== 'string') throw unfit(value, type);
      return sparkText(value);
    default:
      if (typeof value === 'boolean' || value instanceof Uint8Array) throw unfit(value, type);
      return `CAST(${sparkText(String(value))} AS ${sparkType(type)})`;
  }
}

/** By place and not by name: the cast around it says the names. */
function nested(value: PresentValue, type: NestedLakeType): string {
  if (!isItems(value)) throw unfit(value, type);
  if (type.kind === 'list') return `array(${value.map((item) => inner(item, type.element)).join(', ')})`;
  if (type.kind === 'map') return `map(${value.map((entry) => mapEntry(entry, type)).join(', ')})`;
  if (value.length !== type.fields.length) throw unfit(value, type);
  return `struct(${type.fields.map((field, n) => inner(value[n] ?? null, field.type)).join(', ')})`;
}

function mapEntry(entry: LakeValue, type: Extract<NestedLakeType, { kind: 'map' }>): string {
  if (entry === null || !isItems(entry) || entry.length !== 2) throw unfit(entry ?? '', type);
  const [key = null, value = null] = entry;
  if (key === null) throw unfit('', type.key);
  return `${inner(key, type.key)}, ${inner(value, type.value)}`;
}

/** Of its very type, a null too: the elements of a list must be of one. */
function inner(value: LakeValue, type: LakeType): string {
  if (value === null) return `CAST(NULL AS ${sparkType(type)})`;
  const literal = sparkLiteral(value, type);
  return type.kind === 'int' ? `CAST(${literal} AS INT)` : literal;
}

/** A text as an expression of type STRING. */
export function sparkText(text: string): string {
  if (PLAIN.test(text)) return `'${text}'`;
  if (text.includes('\0') || !text.isWellFormed())
    throw new InvalidError(
      'lakehouse.value_refused',
      'The lakehouse cannot hold a text with NUL or half a character.',
    );
  return `CAST(${hexadecimal(Buffer.from(text))} AS STRING)`;
}

function hexadecimal(bytes: Uint8Array): string {
  return `X'${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}'`;
}

function integer(value: PresentValue, kind: 'int' | 'long'): string {
  const [least, greatest] = RANGE[kind];
  if (typeof value !== 'bigint' || value < least || value > greatest) throw unfit(value, { kind });
  return `${value}L`;
}

function isItems(value: PresentValue): value is readonly LakeValue[] {
  return Array.isArray(value);
}

function unfit(value: PresentValue, type: LakeType): InvalidError {
  return new InvalidError(
    'lakehouse.refused',
    `A ${typeof value} does not fit a column of type ${formatLakeType(type)}.`,
  );
}
