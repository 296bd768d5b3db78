import type { LakeType, LakeValue } from '../../domain/lake-type.ts';

const TO_POSTGRES: Record<Exclude<LakeType['kind'], 'decimal'>, string> = {
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

export function postgresType(type: LakeType): string {
  return type.kind === 'decimal' ? `numeric(${type.precision},${type.scale})` : TO_POSTGRES[type.kind];
}

/** The lake type of a column as `format_type` names its own. Null: a type no load writes to. */
export function lakeTypeOf(formatted: string): LakeType | null {
  const numeric = /^numeric\((\d+),(-?\d+)\)$/.exec(formatted);
  if (numeric) return { kind: 'decimal', precision: Number(numeric[1]), scale: Number(numeric[2]) };
  return FROM_POSTGRES.get(formatted) ?? null;
}

const OID = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, oid: 26, float4: 700, float8: 701 };
const DATE_TIMES = new Set([1114, 1184]);

/** Reads a value Postgres printed, losing nothing: integers as bigint, timestamps as ISO 8601, what has no better form as text. */
export function parserOf(oid: number): (text: string) => LakeValue {
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
