import pg from 'pg';

/** The form postgres.js wants a type in. */
interface ArrayType {
  to: number;
  from: number[];
  serialize(values: readonly unknown[]): string;
  parse(text: string): unknown[];
}

const TEXT_ARRAY: number = 1009;
const NUMBER_ARRAYS = { int2: 1005, int4: 1007, oid: 1028, float4: 1021, float8: 1022 };
/** int8, numeric and JSON stay text, as alone: they may be too big for a number. */
const TEXT_ARRAYS = {
  text: TEXT_ARRAY,
  varchar: 1015,
  name: 1003,
  uuid: 2951,
  int8: 1016,
  numeric: 1231,
  json: 199,
  jsonb: 3807,
};
const TIME_ARRAYS = { date: 1182, timestamp: 1115, timestamptz: 1185 };

/**
 * Arrays of the usual types for postgres.js. By itself it asks every new connection for the server's array types, and nobody catches it
 * when the connection is lost meanwhile: that would end the process.
 */
export const ARRAY_TYPES: Record<string, ArrayType> = {
  ...typesOf(TEXT_ARRAYS, (text) => text),
  ...typesOf(NUMBER_ARRAYS, Number),
  ...typesOf(TIME_ARRAYS, (text) => new Date(text)),
  ...typesOf({ bool: 1000 }, (text) => text === 't'),
};

function typesOf(oids: Record<string, number>, parse: (text: string) => unknown): Record<string, ArrayType> {
  return Object.fromEntries(
    Object.entries(oids).map(([name, oid]) => [`${name}_array`, arrayType(oid, parse)]),
  );
}

function arrayType(oid: number, parse: (text: string) => unknown): ArrayType {
  const texts: (text: string) => (string | null)[] = pg.types.getTypeParser(TEXT_ARRAY, 'text');
  return {
    to: oid,
    from: [oid],
    serialize: (values) => `{${values.map(elementText).join(',')}}`,
    parse: (text) => texts(text).map((element) => (element === null ? null : parse(element))),
  };
}

function elementText(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return `"${String(value).replaceAll(/["\\]/g, '\\$&')}"`;
}
