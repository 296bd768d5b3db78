import type { LakeType } from './lake-type.ts';

const PLAIN: Record<string, LakeType> = {
  boolean: { kind: 'boolean' },
  smallint: { kind: 'int' },
  integer: { kind: 'int' },
  bigint: { kind: 'long' },
  real: { kind: 'double' },
  'double precision': { kind: 'double' },
  // A Singer "number": nearly always a double at its source. What a double cannot hold exactly is rejected, not rounded.
  numeric: { kind: 'double' },
  date: { kind: 'date' },
  'timestamp without time zone': { kind: 'timestamp' },
  'timestamp with time zone': { kind: 'timestamptz' },
  bytea: { kind: 'binary' },
  uuid: { kind: 'uuid' },
  json: { kind: 'json' },
  jsonb: { kind: 'json' },
};

/** The lake type of a staged column that passes through unmapped. `formatted` is as Postgres' format_type() prints it; the unknown is text. */
export function lakeTypeOfStaging(formatted: string): LakeType {
  if (formatted.endsWith('[]')) return { kind: 'json' };
  const numeric = /^numeric\((\d+),(\d+)\)$/.exec(formatted);
  if (numeric) return decimalOr(Number(numeric[1]), Number(numeric[2]));
  return PLAIN[formatted.replace(/\(\d+\)/, '')] ?? { kind: 'string' };
}

/** Iceberg and Parquet end at 38 digits; beyond, the digits are kept as text. */
function decimalOr(precision: number, scale: number): LakeType {
  return precision <= 38 && scale <= precision ? { kind: 'decimal', precision, scale } : { kind: 'string' };
}
