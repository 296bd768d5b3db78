import { isObject, type JsonObject, typesOf } from './json-schema.ts';

/** A Postgres type as format_type() prints it: "bigint", "numeric(10,2)", "text[]". */
export type PgType = string;

export const TIMESTAMP = 'timestamp without time zone';
const TIME = 'time without time zone';
const TIMES: readonly PgType[] = [TIMESTAMP, 'date', TIME];

/** Which type wins when a property may be several things; the first that is among them. */
const PRECEDENCE = [
  'jsonb',
  'uuid',
  'text',
  TIMESTAMP,
  'date',
  TIME,
  'numeric',
  'bigint',
  'integer',
  'smallint',
  'boolean',
];
/** The widest first. */
const INTEGERS = ['bigint', 'integer', 'smallint'];
const SQL_DATATYPES: Record<string, PgType> = { smallint: 'smallint', integer: 'integer', bigint: 'bigint' };
const FORMATS: Record<string, PgType> = {
  'date-time': TIMESTAMP,
  date: 'date',
  time: TIME,
  uuid: 'uuid',
  email: 'text',
  uri: 'text',
  hostname: 'text',
  ipv4: 'text',
  ipv6: 'text',
};

/**
 * The column type MeltanoLabs target-postgres 0.8 gives a property: text for what says no type (oneOf included), a Postgres array for
 * an array whose items say their type, jsonb for objects and other arrays. Where it takes the first typed member of anyOf, this is one
 * that holds what any of them allows; beside a time a text that may be null does not count.
 */
export function columnType(schema: unknown): PgType {
  if (!isObject(schema)) return 'text';
  const own = typedColumn(schema);
  if (own) return own;
  const members = Array.isArray(schema['anyOf']) ? schema['anyOf'].filter((member) => !isNull(member)) : [];
  return typeOfAll(new Set(withoutNullableText(members).map(columnType)));
}

/** How older taps write "an instant or null": the second member, `{"type": ["string", "null"]}`, is there for its null. */
function withoutNullableText(members: readonly unknown[]): readonly unknown[] {
  const timed = members.some((member) => TIMES.includes(columnType(member)));
  return timed ? members.filter((member) => !isNullableText(member)) : members;
}

function isNullableText(member: unknown): boolean {
  return isObject(member) && columnType(member) === 'text' && typesOf(member).includes('null');
}

function isNull(member: unknown): boolean {
  return isObject(member) && typesOf(member).length > 0 && typesOf(member).every((type) => type === 'null');
}

function typeOfAll(types: Set<PgType>): PgType {
  const all = [...types];
  if (all.length <= 1) return all[0] ?? 'text';
  if (all.some((type) => type.endsWith('[]') || type === 'jsonb')) return 'jsonb';
  if (all.every((type) => INTEGERS.includes(type)))
    return INTEGERS.find((type) => types.has(type)) ?? 'bigint';
  if (all.every((type) => INTEGERS.includes(type) || type.startsWith('numeric'))) return 'numeric';
  return all.every((type) => type === 'date' || type === TIMESTAMP) ? TIMESTAMP : 'text';
}

function typedColumn(schema: JsonObject): PgType | null {
  const named = SQL_DATATYPES[String(schema['x-sql-datatype'])];
  if (named) return named;
  const types = typesOf(schema).filter((type) => type !== 'null');
  if (types.length > 1) return bestOf(types.map((type) => singleType(type, {})));
  return types[0] === undefined ? null : singleType(types[0], schema);
}

function singleType(type: string, schema: JsonObject): PgType | null {
  switch (type) {
    case 'string':
      return stringType(schema);
    case 'integer':
      return integerType(schema);
    case 'number':
      return 'numeric';
    case 'boolean':
      return 'boolean';
    case 'object':
      return 'jsonb';
    case 'array':
      return arrayType(schema['items']);
    default:
      return null;
  }
}

function stringType(schema: JsonObject): PgType {
  const format = String(schema['format']);
  return format === 'x-singer.decimal' ? decimalType(schema) : (FORMATS[format] ?? 'text');
}

function decimalType({ precision, scale }: JsonObject): PgType {
  if (!Number.isInteger(precision)) return 'numeric';
  return `numeric(${precision},${Number.isInteger(scale) ? scale : 0})`;
}

function integerType(schema: JsonObject): PgType {
  const low = boundOf(schema['minimum'], Number.NEGATIVE_INFINITY);
  const high = boundOf(schema['maximum'], Number.POSITIVE_INFINITY);
  if (low >= -(2 ** 15) && high < 2 ** 15) return 'smallint';
  return low >= -(2 ** 31) && high < 2 ** 31 ? 'integer' : 'bigint';
}

function boundOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function arrayType(items: unknown): PgType {
  if (Array.isArray(items)) return 'jsonb[]';
  if (typeof items === 'string') return `${columnType({ type: items })}[]`;
  if (!isObject(items)) return 'jsonb';
  return items['type'] === undefined ? 'jsonb[]' : `${elementType(items['type'])}[]`;
}

function elementType(type: unknown): PgType {
  const element = columnType({ type });
  return element.endsWith('[]') ? 'jsonb' : element;
}

function bestOf(candidates: (PgType | null)[]): PgType {
  return PRECEDENCE.find((type) => candidates.includes(type)) ?? 'text';
}
