import { T } from './thrift-types.ts';

/** What was received is not what Thrift's binary protocol, or a HiveServer2, would say. */
export class MalformedThriftError extends Error {}

/** Reads forward through bytes that may be anything: every length is checked against what is left before anything is made of it. */
export interface ThriftReader {
  bool(): boolean;
  byte(): number;
  i16(): number;
  i32(): number;
  i64(): bigint;
  double(): number;
  /** A view of the bytes received. */
  binary(): Buffer;
  string(): string;
  list<Value>(type: number, read: () => Value): Value[];
  map<Value>(keyType: number, type: number, readKey: () => string, read: () => Value): Map<string, Value>;
  /** Asks of each field of a struct whether it was taken; one that was not is passed over. */
  fields(taken: (id: number, type: number) => boolean): void;
  /** The bytes of a struct, to be sent back as they came. */
  rawStruct(): Buffer;
}

const MAX_DEPTH = 16;
/** The least that a value takes. */
const SIZE: Readonly<Record<number, number>> = {
  [T.bool]: 1,
  [T.byte]: 1,
  [T.double]: 8,
  [T.i16]: 2,
  [T.i32]: 4,
  [T.i64]: 8,
  [T.string]: 4,
  [T.struct]: 1,
  [T.map]: 6,
  [T.set]: 5,
  [T.list]: 5,
};

export function readerOf(bytes: Buffer): ThriftReader {
  let at = 0;
  let depth = 0;

  function take(size: number): number {
    const left = bytes.length - at;
    if (size < 0 || size > left)
      throw new MalformedThriftError(`${size} bytes announced where ${left} are left`);
    at += size;
    return at - size;
  }

  function takeBytes(): readonly [from: number, to: number] {
    const from = take(i32());
    return [from, at];
  }

  function takeCount(...types: number[]): number {
    const count = i32();
    const left = bytes.length - at;
    if (count < 0 || count * types.reduce((sum, type) => sum + sizeOf(type), 0) > left)
      throw new MalformedThriftError(`${count} elements announced where ${left} bytes are left`);
    return count;
  }

  function nested(work: () => void): void {
    depth += 1;
    if (depth > MAX_DEPTH) throw new MalformedThriftError('nested too deeply');
    work();
    depth -= 1;
  }

  const i32 = () => bytes.readInt32BE(take(4));
  const byte = () => bytes.readInt8(take(1));
  const i16 = () => bytes.readInt16BE(take(2));

  function list<Value>(type: number, read: () => Value): Value[] {
    const given = byte();
    const count = takeCount(given);
    if (given !== type && count > 0) throw new MalformedThriftError(`a list of type ${given}, not ${type}`);
    return Array.from({ length: count }, read);
  }

  function map<Value>(keyType: number, type: number, readKey: () => string, read: () => Value) {
    const given = [byte(), byte()];
    const count = takeCount(...given);
    if (count > 0 && (given[0] !== keyType || given[1] !== type))
      throw new MalformedThriftError(`a map of types ${given}, not ${keyType},${type}`);
    return new Map(Array.from({ length: count }, () => [readKey(), read()] as const));
  }

  function fields(taken: (id: number, type: number) => boolean): void {
    nested(() => {
      for (let type = byte(); type !== T.stop; type = byte()) {
        if (!taken(i16(), type)) skip(type);
      }
    });
  }

  function skip(type: number): void {
    if (type === T.struct) fields(() => false);
    else if (type === T.string) takeBytes();
    else if (type === T.list || type === T.set) skipMany([byte()]);
    else if (type === T.map) skipMany([byte(), byte()]);
    else take(sizeOf(type));
  }

  function skipMany(types: readonly number[]): void {
    nested(() => {
      for (let left = takeCount(...types); left > 0; left -= 1) types.forEach(skip);
    });
  }

  return {
    bool: () => byte() !== 0,
    byte,
    i16,
    i32,
    i64: () => bytes.readBigInt64BE(take(8)),
    double: () => bytes.readDoubleBE(take(8)),
    binary: () => bytes.subarray(...takeBytes()),
    string: () => bytes.toString('utf8', ...takeBytes()),
    list,
    map,
    fields,
    rawStruct() {
      const from = at;
      skip(T.struct);
      return Buffer.from(bytes.subarray(from, at));
    },
  };
}

function sizeOf(type: number): number {
  const size = SIZE[type];
  if (size === undefined) throw new MalformedThriftError(`a value of type ${type}`);
  return size;
}
