import type { Column, ColumnDesc } from './hive-messages.ts';
import { MalformedThriftError } from './thrift-reader.ts';

export interface SparkColumn {
  /** As Spark gave it: with its dots, and as often as it was selected. */
  name: string;
  /** Spark's name of the type in lower case: "bigint", "decimal(20,4)", "timestamp", "array". */
  type: string;
}

/**
 * bigint: BIGINT. number: the smaller integers, FLOAT, DOUBLE with NaN and the infinities. Buffer: BINARY. Everything else is text: DECIMAL
 * with all its digits, DATE and TIMESTAMP as Spark prints them in the session's time zone, intervals, and ARRAY, MAP, STRUCT in Spark's
 * own notation. That looks like JSON and is not: it does not escape quotes, so it cannot be read back. Select `to_json(column)` for JSON.
 */
export type SparkValue = null | boolean | number | bigint | string | Buffer;

/** Spark's names of Hive's TTypeId, by number. */
const TYPES = [
  'boolean',
  'tinyint',
  'smallint',
  'int',
  'bigint',
  'float',
  'double',
  'string',
  'timestamp',
  'binary',
  'array',
  'map',
  'struct',
  'union',
  'udt',
  'decimal',
  'void',
  'date',
  'varchar',
  'char',
  'interval year to month',
  'interval day to second',
  'timestamp_ltz',
];

export function columnOf({ columnName = '', typeDesc }: ColumnDesc): SparkColumn {
  const entry = typeDesc?.types?.[0]?.primitiveEntry;
  const type = TYPES[entry?.type ?? -1] ?? 'string';
  const { precision, scale } = Object.fromEntries(entry?.typeQualifiers?.qualifiers ?? []);
  const isSized = type === 'decimal' && precision?.i32Value !== undefined;
  return {
    name: columnName,
    type: isSized ? `decimal(${precision.i32Value},${scale?.i32Value ?? 0})` : type,
  };
}

/**
 * Turns columns, as they come, into rows; none: the statement had no result. Throws MalformedThriftError when they are not `width` columns
 * of one length.
 */
export function rowsOf(columns: readonly Column[], width: number): SparkValue[][] {
  if (columns.length > 0 && columns.length !== width)
    throw new MalformedThriftError(`${columns.length} columns, not ${width}`);
  const values = columns.map(valuesOf);
  const count = values[0]?.length ?? 0;
  if (values.some(({ length }) => length !== count))
    throw new MalformedThriftError('columns of unequal length');
  return Array.from({ length: count }, (_, row) => values.map((column) => column[row] ?? null));
}

function valuesOf(column: Column): SparkValue[] {
  const [found] = Object.values(column);
  const values: readonly SparkValue[] | undefined = found?.values;
  if (values === undefined) throw new MalformedThriftError('a column without values');
  const nulls = found?.nulls ?? Buffer.alloc(0);
  return values.map((value, at) => (isNull(nulls, at) ? null : owned(value)));
}

function isNull(nulls: Buffer, at: number): boolean {
  return (((nulls[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;
}

/** Bytes as received are a view of the whole answer, which they would keep in memory. */
function owned(value: SparkValue): SparkValue {
  return Buffer.isBuffer(value) ? Buffer.from(value) : value;
}
