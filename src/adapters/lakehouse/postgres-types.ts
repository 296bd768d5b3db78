import {
  formatLakeType,
  isNestedType,
  type LakeScalar,
  type LakeType,
  parseLakeType,
  type ScalarLakeType,
} from '../../domain/lake-type.ts';
import { InvalidError } from '../../errors.ts';

const TO_POSTGRES: Record<Exclude<ScalarLakeType['kind'], 'decimal'>, string> = {
  string: 'text',
  boolean: 'boolean',
  int: 'integer',
  long: 'bigint',
  double: 'double precision',
  date: 'date',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  binary: 'bytea',
  uuid: 'uuid',
  // Not jsonb: it reorders keys, drops repeated ones and refuses \u0000.
  json: 'json',
};

const FROM_POSTGRES = new Map<string, LakeType>([
  ...Object.entries(TO_POSTGRES).map(([kind, name]): [string, LakeType] => [name, { kind } as LakeType]),
  ['smallint', { kind: 'int' }],
  ['real', { kind: 'double' }],
  ['character varying', { kind: 'string' }],
  ['jsonb', { kind: 'json' }],
  ['numeric', { kind: 'decimal', precision: 38, scale: 9 }],
]);

/** Of nested types JSON, too: what jsonb would change or refuse, a number of many digits or -0.0, stays as it is. */
export function postgresType(type: LakeType): string {
  if (isNestedType(type)) return TO_POSTGRES.json;
  return type.kind === 'decimal' ? `numeric(${type.precision},${type.scale})` : TO_POSTGRES[type.kind];
}

/** What the comment of a column says: the type of one that Postgres holds as JSON. */
export function commentOf(type: LakeType): string | null {
  return isNestedType(type) ? formatLakeType(type) : null;
}

/** The lake type of a column as `format_type` and its comment name it. Null: a type no load writes to. */
export function lakeTypeOf(formatted: string, comment: string | null): LakeType | null {
  const numeric = /^numeric\((\d+),(-?\d+)\)$/.exec(formatted);
  if (numeric) return { kind: 'decimal', precision: Number(numeric[1]), scale: Number(numeric[2]) };
  const found = FROM_POSTGRES.get(formatted) ?? null;
  return found?.kind === 'json' && comment !== null ? (nestedType(comment) ?? found) : found;
}

/** Null: the comment is about something else. */
function nestedType(comment: string): LakeType | null {
  try {
    const type = parseLakeType(comment);
    return isNestedType(type) ? type : null;
  } catch (error) {
    if (error instanceof InvalidError) return null;
    throw error;
  }
}

const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701 };
const DATE_TIMES = new Set([1114, 1184]);

/** Reads a value Postgres printed, losing nothing: integers as bigint, timestamps as ISO 8601, what has no better form as text. */
export function parserOf(oid: number): (text: string) => LakeScalar {
  switch (oid) {
    case OID.bool:
      return (text) => text === 't';
    case OID.bytea:
      return (text) => Buffer.from(text.slice(2), 'hex');
    case OID.int8:
    case OID.int2:
    case OID.int4:
    case OID.oid:
      return BigInt;
    case OID.float4:
    case OID.float8:
      return Number;
    default:
      return DATE_TIMES.has(oid) ? isoDateTime : (text) => text;
  }
}

/** `2024-05-01 10:00:00.5+00` to `2024-05-01T10:00:00.5Z`; infinity and years BC stay as Postgres prints them. */
function isoDateTime(text: string): string {
  return text.replace(/^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)(\+00)?$/, (_, day, time, zone) =>
    zone ? `${day}T${time}Z` : `${day}T${time}`,
  );
}
