import type { StoreValue } from '../../domain/foundry/store-value.ts';

interface ColumnType {
  name: string;
  read(text: string): StoreValue;
}

/** By the type the Postgres wire names; SYMBOL, STRING, IPv4, GEOHASH, LONG256 and INTERVAL come as VARCHAR, BYTE as SHORT. */
const TYPES: ReadonlyMap<number, ColumnType> = new Map<number, ColumnType>([
  [16, { name: 'BOOLEAN', read: (text) => text === 't' }],
  [20, { name: 'LONG', read: BigInt }],
  [21, { name: 'SHORT', read: BigInt }],
  [23, { name: 'INT', read: BigInt }],
  [700, { name: 'FLOAT', read: Number }],
  [701, { name: 'DOUBLE', read: Number }],
  [1016, { name: 'LONG[]', read: (text) => readArray(text, BigInt) }],
  [1022, { name: 'DOUBLE[]', read: (text) => readArray(text, Number) }],
  [1042, { name: 'CHAR', read: String }],
  [1114, { name: 'TIMESTAMP', read: (text) => `${text.replace(' ', 'T')}Z` }],
  [2950, { name: 'UUID', read: String }],
]);
const VARCHAR: ColumnType = { name: 'VARCHAR', read: String };
const BINARY = 17;

export function typeName(oid: number): string {
  return oid === BINARY ? 'BINARY' : (TYPES.get(oid) ?? VARCHAR).name;
}

/** A value as it came over the wire. QuestDB has no NaN and no infinities: they are its nulls. */
export function readValue(bytes: Buffer | null, oid: number): StoreValue {
  if (bytes === null) return null;
  if (oid === BINARY) return new Uint8Array(bytes);
  return (TYPES.get(oid) ?? VARCHAR).read(bytes.toString());
}

/** `{{1.0,NULL},{2.0,3.0}}` */
function readArray(text: string, read: (item: string) => StoreValue): StoreValue[] {
  const stack: StoreValue[][] = [[]];
  for (const [token] of text.matchAll(/[{}]|[^{},]+/g)) {
    if (token === '{') stack.push([]);
    else if (token === '}') {
      const done = stack.pop() ?? [];
      stack.at(-1)?.push(done);
    } else stack.at(-1)?.push(token === 'NULL' ? null : read(token));
  }
  const whole = stack[0]?.[0];
  return Array.isArray(whole) ? whole : [];
}
