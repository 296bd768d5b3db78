import { MESSAGE, T } from './thrift-types.ts';

/** A field of a struct in bytes, its header included. */
export type Field = Buffer;

/** One call in Thrift's strict binary protocol; its only argument is a struct of these fields. */
export function encodeCall(name: string, fields: readonly Field[]): Buffer {
  const header = Buffer.alloc(4);
  header.writeUInt32BE(MESSAGE.version1 + MESSAGE.call);
  const sequence = int32(0);
  return Buffer.concat([header, bytes(name), sequence, structField(1, fields), STOP]);
}

export function structField(id: number, fields: readonly Field[]): Field {
  return Buffer.concat([fieldHeader(T.struct, id), ...fields, STOP]);
}

/** A struct that was received and goes back as it came. */
export function rawStructField(id: number, struct: Buffer): Field {
  return Buffer.concat([fieldHeader(T.struct, id), struct]);
}

export function stringField(id: number, value: string): Field {
  return Buffer.concat([fieldHeader(T.string, id), bytes(value)]);
}

export function boolField(id: number, value: boolean): Field {
  return Buffer.concat([fieldHeader(T.bool, id), Buffer.of(value ? 1 : 0)]);
}

export function i16Field(id: number, value: number): Field {
  const number = Buffer.alloc(2);
  number.writeInt16BE(value);
  return Buffer.concat([fieldHeader(T.i16, id), number]);
}

export function i32Field(id: number, value: number): Field {
  return Buffer.concat([fieldHeader(T.i32, id), int32(value)]);
}

export function i64Field(id: number, value: number): Field {
  const number = Buffer.alloc(8);
  number.writeBigInt64BE(BigInt(value));
  return Buffer.concat([fieldHeader(T.i64, id), number]);
}

const STOP = Buffer.of(T.stop);

function fieldHeader(type: number, id: number): Buffer {
  const header = Buffer.alloc(3);
  header.writeUInt8(type);
  header.writeInt16BE(id, 1);
  return header;
}

function bytes(text: string): Buffer {
  const content = Buffer.from(text);
  return Buffer.concat([int32(content.length), content]);
}

function int32(value: number): Buffer {
  const number = Buffer.alloc(4);
  number.writeInt32BE(value);
  return number;
}
