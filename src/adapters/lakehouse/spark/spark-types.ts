import { type LakeType, type LakeValue, parseLakeType } from '../../../domain/lake-type.ts';
import type { SparkValue } from './client/column-reader.ts';

const TO_SPARK: Record<Exclude<LakeType['kind'], 'decimal'>, string> = {
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

const FROM_SPARK: Readonly<Record<string, LakeType>> = {
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
  return type.kind === 'decimal' ? `DECIMAL(${type.precision},${type.scale})` : TO_SPARK[type.kind];
}

/** Iceberg has no JSON and Spark shows its UUID as text: both are STRING, told apart by the column's comment. */
export function commentOf({ kind }: LakeType): 'json' | 'uuid' | null {
  return kind === 'json' || kind === 'uuid' ? kind : null;
}

/** The lake type of a column as DESCRIBE names it. Null: a type no load writes to, such as float or struct<..>. */
export function lakeTypeOf(described: string, comment: string | null): LakeType | null {
  if (described === 'string' && (comment === 'json' || comment === 'uuid')) return { kind: comment };
  if (/^decimal\(\d+,\d+\)$/.test(described)) return parseLakeType(described);
  return Object.hasOwn(FROM_SPARK, described) ? (FROM_SPARK[described] ?? null) : null;
}

export function isNested(described: string): boolean {
  return /^(struct|array|map)</.test(described);
}

/** Turns a value as the client read it into the port's, by the type DESCRIBE names. */
export function lakeValueOf(value: SparkValue, described: string): LakeValue {
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
