import { MalformedThriftError, type ThriftReader } from './thrift-reader.ts';
import { MESSAGE, T } from './thrift-types.ts';

/** How a value of one wire type is read: they are put together as an IDL puts its structs together. */
export interface Decoder<Value> {
  type: number;
  read(reader: ThriftReader): Value;
}

type Shape = Readonly<Record<string, readonly [id: number, decoder: Decoder<unknown>]>>;
type ValueOf<Of> = Of extends Decoder<infer Value> ? Value : never;
/** Fields may always be missing, whatever the IDL says. */
type Struct<Of extends Shape> = { [Name in keyof Of]?: ValueOf<Of[Name][1]> };

export const bool: Decoder<boolean> = { type: T.bool, read: (reader) => reader.bool() };
export const byte: Decoder<number> = { type: T.byte, read: (reader) => reader.byte() };
export const i16: Decoder<number> = { type: T.i16, read: (reader) => reader.i16() };
export const i32: Decoder<number> = { type: T.i32, read: (reader) => reader.i32() };
export const i64: Decoder<bigint> = { type: T.i64, read: (reader) => reader.i64() };
export const double: Decoder<number> = { type: T.double, read: (reader) => reader.double() };
export const string: Decoder<string> = { type: T.string, read: (reader) => reader.string() };
/** A view of the bytes received. */
export const binary: Decoder<Buffer> = { type: T.string, read: (reader) => reader.binary() };
/** A struct that only goes back to where it came from. */
export const opaque: Decoder<Buffer> = { type: T.struct, read: (reader) => reader.rawStruct() };

export function list<Value>(element: Decoder<Value>): Decoder<Value[]> {
  return { type: T.list, read: (reader) => reader.list(element.type, () => element.read(reader)) };
}

export function mapOf<Value>(value: Decoder<Value>): Decoder<Map<string, Value>> {
  const read = (reader: ThriftReader) =>
    reader.map(
      string.type,
      value.type,
      () => string.read(reader),
      () => value.read(reader),
    );
  return { type: T.map, read };
}

/** Fields the shape does not name, or that come with another type, are passed over. */
export function struct<Of extends Shape>(shape: Of): Decoder<Struct<Of>> {
  const byId = new Map(Object.entries(shape).map(([name, [id, decoder]]) => [id, { name, decoder }]));
  return {
    type: T.struct,
    read(reader) {
      const values: Record<string, unknown> = {};
      reader.fields((id, type) => {
        const field = byId.get(id);
        if (field?.decoder.type !== type) return false;
        values[field.name] = field.decoder.read(reader);
        return true;
      });
      // each name got what the decoder of that name read
      return values as Struct<Of>;
    },
  };
}

/** The server could not carry the call out (TApplicationException). */
export class RemoteThriftError extends Error {}

const exception = struct({ message: [1, string] });

/** Reads the answer to a call. Throws MalformedThriftError, RemoteThriftError. */
export function readAnswer<Value>(reader: ThriftReader, answer: Decoder<Value>): Value {
  const word = reader.i32();
  if ((word & 0xffff_0000) >>> 0 !== MESSAGE.version1) throw new MalformedThriftError('not a Thrift message');
  reader.binary();
  reader.i32();
  const kind = word & 0xff;
  if (kind === MESSAGE.exception) throw new RemoteThriftError(exception.read(reader).message);
  if (kind !== MESSAGE.reply) throw new MalformedThriftError('not an answer');
  const { success } = struct({ success: [0, answer] }).read(reader);
  if (success === undefined) throw new MalformedThriftError('an answer without its struct');
  return success;
}
