import type { LakeType } from './lake-type.ts';

/** A Singer "number", or an integer beyond 64 bits: as format_type() prints it. */
export const UNLIMITED_NUMERIC = 'numeric';
const MAX_DIGITS = 38;
/** What a new decimal column has room for beyond what was seen first. */
const ROOMY_SCALE = 18;

const PLAIN: Record<string, LakeType> = {
  boolean: { kind: 'boolean' },
  smallint: { kind: 'int' },
  integer: { kind: 'int' },
  bigint: { kind: 'long' },
  real: { kind: 'double' },
  'double precision': { kind: 'double' },
  // Nearly always a double at its source; see typeOfNumbers. What a double cannot hold exactly is rejected, not rounded.
  [UNLIMITED_NUMERIC]: { kind: 'double' },
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
  return precision <= MAX_DIGITS && scale <= precision
    ? { kind: 'decimal', precision, scale }
    : { kind: 'string' };
}

/** What the numbers of an unlimited numeric column are like; zeros where there are none. */
export interface NumbersProfile {
  /** Each prints back the same from a double. */
  exactDoubles: boolean;
  /** The most digits before the point. */
  wholeDigits: number;
  /** The most digits after the point. */
  scale: number;
}

/**
 * The type of a new column for such numbers: double when it holds them all, as what a source computes with; else a decimal of 38 digits
 * with 18 of them after the point, or as many as it takes; else text, which keeps every digit.
 */
export function typeOfNumbers(profile: NumbersProfile | undefined): LakeType {
  if (!profile || profile.exactDoubles) return { kind: 'double' };
  const { wholeDigits, scale } = profile;
  if (wholeDigits + scale > MAX_DIGITS) return { kind: 'string' };
  const roomy = Math.max(scale, Math.min(ROOMY_SCALE, MAX_DIGITS - wholeDigits));
  return { kind: 'decimal', precision: MAX_DIGITS, scale: roomy };
}
