import {
  binary,
  bool,
  byte,
  type Decoder,
  double,
  i16,
  i32,
  i64,
  list,
  mapOf,
  opaque,
  string,
  struct,
} from './thrift-decoders.ts';

/** Those parts of Apache Hive's TCLIService.thrift that running SQL takes, under its own names and numbers. */

export const STATUS = { success: 0, successWithInfo: 1 } as const;

export const OPERATION_STATE = {
  initialized: 0,
  running: 1,
  finished: 2,
  canceled: 3,
  closed: 4,
  error: 5,
  unknown: 6,
  pending: 7,
  timedOut: 8,
} as const;

/** By column since V6. */
export const PROTOCOL = { v6: 5, v10: 9 } as const;

const status = struct({ statusCode: [1, i32], sqlState: [3, string], errorMessage: [5, string] });

/** Every answer begins with its status. */
export const statusAnswer = struct({ status: [1, status] });

export const openSessionAnswer = struct({
  status: [1, status],
  serverProtocolVersion: [2, i32],
  sessionHandle: [3, opaque],
});

export const operationAnswer = struct({ status: [1, status], operationHandle: [2, opaque] });

export const operationStatusAnswer = struct({
  status: [1, status],
  operationState: [2, i32],
  sqlState: [3, string],
  errorMessage: [5, string],
});

const qualifier = struct({ i32Value: [1, i32] });

const typeQualifiers = struct({ qualifiers: [1, mapOf(qualifier)] });

const primitiveEntry = struct({ type: [1, i32], typeQualifiers: [2, typeQualifiers] });

const columnDesc = struct({
  columnName: [1, string],
  typeDesc: [2, struct({ types: [1, list(struct({ primitiveEntry: [1, primitiveEntry] }))] })],
});

export const metadataAnswer = struct({
  status: [1, status],
  schema: [2, struct({ columns: [1, list(columnDesc)] })],
});

const column = struct({
  boolVal: [1, columnOf(bool)],
  byteVal: [2, columnOf(byte)],
  i16Val: [3, columnOf(i16)],
  i32Val: [4, columnOf(i32)],
  i64Val: [5, columnOf(i64)],
  doubleVal: [6, columnOf(double)],
  stringVal: [7, columnOf(string)],
  binaryVal: [8, columnOf(binary)],
});

export const fetchAnswer = struct({
  status: [1, status],
  results: [3, struct({ columns: [3, list(column)] })],
});

export type ColumnDesc = ReturnType<typeof columnDesc.read>;
export type Column = ReturnType<typeof column.read>;
export type Status = ReturnType<typeof status.read>;

/** Bit n of `nulls`, least significant first, says that value n is null; zero bytes at its end are left out. */
function columnOf<Value>(value: Decoder<Value>) {
  return struct({ values: [1, list(value)], nulls: [2, binary] });
}
