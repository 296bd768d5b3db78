/** Writes answers of a HiveServer2 byte by byte, from the specification of Thrift's binary protocol: independent of how ours are read. */

const TYPE = {
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  list: 15,
} as const;
export type ThriftTypeName = keyof typeof TYPE;

export function answer(name: string, struct: Buffer, kind = 2): Buffer {
  const version = Buffer.from([0x80, 1, 0, kind]);
  return Buffer.concat([version, text(name), int32(0), field('struct', 0, struct), Buffer.of(0)]);
}

export function struct(...fields: Buffer[]): Buffer {
  return Buffer.concat([...fields, Buffer.of(0)]);
}

export function field(type: ThriftTypeName, id: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.of(TYPE[type]), int16(id), value]);
}

export function list(type: ThriftTypeName, values: readonly Buffer[], count = values.length): Buffer {
  return Buffer.concat([Buffer.of(TYPE[type]), int32(count), ...values]);
}

export function map(type: ThriftTypeName, entries: readonly (readonly [string, Buffer])[]): Buffer {
  const pairs = entries.flatMap(([name, value]) => [text(name), value]);
  return Buffer.concat([Buffer.of(TYPE.string, TYPE[type]), int32(entries.length), ...pairs]);
}

export function text(value: string | Buffer, size?: number): Buffer {
  const content = Buffer.from(value);
  return Buffer.concat([int32(size ?? content.length), content]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

export function int64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(value);
  return bytes;
}

export function float64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

/** TColumn: which of its fields says the type; then values, and a bitmap of nulls. */
export function column(id: number, type: ThriftTypeName, values: readonly Buffer[], nulls: Buffer): Buffer {
  return struct(
    field('struct', id, struct(field('list', 1, list(type, values)), field('string', 2, text(nulls)))),
  );
}

const SUCCESS = field('struct', 1, struct(field('i32', 1, int32(0))));

export function fetchAnswer(columns: readonly Buffer[]): Buffer {
  const rowSet = struct(
    field('i64', 1, int64(0n)),
    field('list', 2, list('struct', [])),
    field('list', 3, list('struct', columns)),
  );
  return answer('FetchResults', struct(SUCCESS, field('bool', 2, Buffer.of(0)), field('struct', 3, rowSet)));
}

export function metadataAnswer(
  columns: readonly { name: string; type: number; qualifiers?: Buffer }[],
): Buffer {
  const descriptions = columns.map(({ name, type, qualifiers }) => {
    const more = qualifiers ? [field('struct', 2, struct(field('map', 1, qualifiers)))] : [];
    const primitive = struct(field('struct', 1, struct(field('i32', 1, int32(type)), ...more)));
    const typeDesc = struct(field('list', 1, list('struct', [primitive])));
    return struct(field('string', 1, text(name)), field('struct', 2, typeDesc), field('i32', 3, int32(1)));
  });
  const schema = struct(field('list', 1, list('struct', descriptions)));
  return answer('GetResultSetMetadata', struct(SUCCESS, field('struct', 2, schema)));
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
