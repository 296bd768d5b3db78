import {
  formatLakeType,
  isNestedType,
  type LakeScalar,
  type LakeType,
  parseLakeType,
  type ScalarLakeType,
} from '../../../domain/lake-type.ts';
import { readLakeType, type ScalarNames } from '../../../domain/lake-type-grammar.ts';
import { InvalidError } from '../../../errors.ts';
import type { SparkValue } from './client/column-reader.ts';

const TO_SPARK: Record<Exclude<ScalarLakeType['kind'], 'decimal'>, string> = {
  string: 'STRING',
  boolean: 'BOOLEAN',
  int: 'INT',
  long: 'BIGINT',
  double: 'DOUBLE',
  date: 'DATE',
  timestamp: 'TIMESTAMP_NTZ',
  timestamptz: 'TIMESTAMP',
  binary: 'BINARY',
  uuid: 'STRING',
  json: 'STRING',
};

const FROM_SPARK: Readonly<Record<string, ScalarLakeType>> = {
  string: { kind: 'string' },
  boolean: { kind: 'boolean' },
  tinyint: { kind: 'int' },
  smallint: { kind: 'int' },
  int: { kind: 'int' },
  bigint: { kind: 'long' },
  double: { kind: 'double' },
  date: { kind: 'date' },
  timestamp_ntz: { kind: 'timestamp' },
  timestamp: { kind: 'timestamptz' },
  binary: { kind: 'binary' },
};

export function sparkType(type: LakeType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'list':
      return `ARRAY<${sparkType(type.element)}>`;
    case 'map':
      return `MAP<${sparkType(type.key)},${sparkType(type.value)}>`;
    case 'struct':
      return `STRUCT<${type.fields.map((field) => `\`${field.name}\`: ${sparkType(field.type)}`).join(',')}>`;
    default:
      return TO_SPARK[type.kind];
  }
}

/**
 * Iceberg has no JSON and Spark shows its UUID as text: both are STRING, told apart by the column's comment. A nested column that holds
 * them has its whole type there. Nothing in it ends a text in quotes.
 */
export function commentOf(type: LakeType): string | null {
  if (type.kind === 'json' || type.kind === 'uuid') return type.kind;
  return isNestedType(type) && holdsMarked(type) ? formatLakeType(type) : null;
}

function holdsMarked(type: LakeType): boolean {
  if (type.kind === 'list') return holdsMarked(type.element);
  if (type.kind === 'map') return holdsMarked(type.key) || holdsMarked(type.value);
  if (type.kind === 'struct') return type.fields.some((field) => holdsMarked(field.type));
  return type.kind === 'json' || type.kind === 'uuid';
}

/** The lake type of a column as DESCRIBE names it. Null: a type no load writes to, such as float. */
export function lakeTypeOf(described: string, comment: string | null): LakeType | null {
  const found = read(described, scalarNamed);
  const said = comment === null ? null : read(comment, null);
  // a comment of somebody else's may be a type, too, but not so written
  return found && said && commentOf(said) === comment ? marked(found, said) : found;
}

/** With what the comment says of texts, as far as it is about these very places: others may have changed the column since. */
function marked(found: LakeType, said: LakeType): LakeType {
  if (found.kind === 'string') return said.kind === 'json' || said.kind === 'uuid' ? said : found;
  if (found.kind === 'list' && said.kind === 'list')
    return { ...found, element: marked(found.element, said.element) };
  if (found.kind === 'map' && said.kind === 'map')
    return { ...found, key: markedKey(found.key, said.key), value: marked(found.value, said.value) };
  if (found.kind !== 'struct' || said.kind !== 'struct') return found;
  const types = new Map(said.fields.map(({ name, type }) => [name, type]));
  const fields = found.fields.map(({ name, type }) => ({
    name,
    type: marked(type, types.get(name) ?? type),
  }));
  return { ...found, fields };
}

function markedKey(found: ScalarLakeType, said: ScalarLakeType): ScalarLakeType {
  return found.kind === 'string' && said.kind === 'uuid' ? said : found;
}

/** Null: it is no type. */
function read(text: string, scalars: ScalarNames | null): LakeType | null {
  try {
    return scalars ? readLakeType(text, scalars) : parseLakeType(text);
  } catch (error) {
    if (error instanceof InvalidError) return null;
    throw error;
  }
}

function scalarNamed(name: string): ScalarLakeType | null {
  const decimal = /^decimal\((\d+),(\d+)\)$/.exec(name);
  if (decimal) return { kind: 'decimal', precision: Number(decimal[1]), scale: Number(decimal[2]) };
  return Object.hasOwn(FROM_SPARK, name) ? (FROM_SPARK[name] ?? null) : null;
}

export function isNested(described: string): boolean {
  return /^(struct|array|map)</.test(described);
}

/** Turns a value as the client read it into the port's, by the type DESCRIBE names. */
export function lakeValueOf(value: SparkValue, described: string): LakeScalar {
  if (value === null) return null;
  if (typeof value === 'number') return /^(float|double)$/.test(described) ? value : BigInt(value);
  if (typeof value !== 'string') return value;
  if (described === 'timestamp') return `${isoDateTime(value)}Z`;
  return described === 'timestamp_ntz' ? isoDateTime(value) : value;
}

/** `2024-05-01 10:00:00.5` to `2024-05-01T10:00:00.5` */
function isoDateTime(text: string): string {
  return text.replace(' ', 'T');
}
