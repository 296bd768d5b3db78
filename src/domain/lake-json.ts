import { InvalidError } from '../errors.ts';
import { formatLakeType, type LakeScalar, type LakeType, type LakeValue } from './lake-type-shape.ts';

/**
 * A value as JSON text, as Postgres' own to_json writes such values: numbers with all digits, what JSON has no number for in quotes (NaN,
 * Infinity), bytes as \x and hex digits, dates and times as ISO 8601, structs and maps as objects. Throws InvalidError
 * `lakehouse.value_refused` and `lakehouse.refused`.
 */
export function printLakeJson(value: LakeValue, type: LakeType): string {
  if (value === null) return 'null';
  switch (type.kind) {
    case 'list':
      return `[${itemsOf(value, type)
        .map((item) => printLakeJson(item, type.element))
        .join(',')}]`;
    case 'struct':
      return `{${type.fields.map(fieldPrinter(itemsOf(value, type, type.fields.length))).join(',')}}`;
    case 'map':
      return `{${itemsOf(value, type)
        .map((entry) => printEntry(entry, type))
        .join(',')}}`;
    default:
      return printScalar(scalarOf(value, type), type);
  }
}

function fieldPrinter(values: readonly LakeValue[]) {
  return ({ name, type }: { name: string; type: LakeType }, n: number) =>
    `${JSON.stringify(name)}:${printLakeJson(values[n] ?? null, type)}`;
}

function printEntry(entry: LakeValue, type: Extract<LakeType, { kind: 'map' }>): string {
  const [key = null, value = null] = itemsOf(entry, type, 2);
  const name = scalarOf(key, type.key);
  if (name === null) throw unfit(key, type.key);
  return `${quoted(String(name))}:${printLakeJson(value, type.value)}`;
}

function printScalar(value: LakeScalar, type: LakeType): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `"\\\\x${Buffer.from(value).toString('hex')}"`;
  if (typeof value === 'string') return isPlain(type) ? value : quoted(value);
  return typeof value === 'number' ? printDouble(value) : String(value);
}

/** Never as a whole number, whose digits would not be the double's very own. */
function printDouble(value: number): string {
  if (!Number.isFinite(value)) return quoted(String(value));
  const text = Object.is(value, -0) ? '-0' : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Its text is JSON already. */
function isPlain({ kind }: LakeType): boolean {
  return kind === 'decimal' || kind === 'json';
}

function quoted(text: string): string {
  if (text.includes('\0') || !text.isWellFormed()) {
    throw new InvalidError(
      'lakehouse.value_refused',
      'A lakehouse cannot hold a text with NUL or half a character.',
    );
  }
  return JSON.stringify(text);
}

function itemsOf(value: LakeValue, type: LakeType, length?: number): readonly LakeValue[] {
  if (!isItems(value) || (length !== undefined && value.length !== length)) throw unfit(value, type);
  return value;
}

function isItems(value: LakeValue): value is readonly LakeValue[] {
  return Array.isArray(value);
}

const JAVASCRIPT: Readonly<Partial<Record<LakeType['kind'], string>>> = {
  boolean: 'boolean',
  int: 'bigint',
  long: 'bigint',
  double: 'number',
  binary: 'object',
};

function scalarOf(value: LakeValue, type: LakeType): LakeScalar {
  if (isItems(value) || (value !== null && typeof value !== (JAVASCRIPT[type.kind] ?? 'string')))
    throw unfit(value, type);
  return value;
}

function unfit(value: LakeValue, type: LakeType): InvalidError {
  return new InvalidError(
    'lakehouse.refused',
    `The lakehouse refused a value: it is no ${formatLakeType(type)} (${isItems(value) ? 'list' : typeof value}).`,
  );
}
