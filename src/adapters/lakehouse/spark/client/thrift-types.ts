/** Wire types of Thrift's binary protocol (thrift-binary-protocol.md of Apache Thrift), as far as HiveServer2 uses them. */
export const T = {
  stop: 0,
  bool: 2,
  byte: 3,
  double: 4,
  i16: 6,
  i32: 8,
  i64: 10,
  string: 11,
  struct: 12,
  map: 13,
  set: 14,
  list: 15,
} as const;

export const MESSAGE = { version1: 0x8001_0000, call: 1, reply: 2, exception: 3 } as const;
