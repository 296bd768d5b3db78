import { messageOf } from '../../../../errors.ts';
import { columnOf, rowsOf, type SparkColumn, type SparkValue } from './column-reader.ts';
import {
  fetchAnswer,
  metadataAnswer,
  openSessionAnswer,
  operationAnswer,
  operationStatusAnswer,
  PROTOCOL,
  STATUS,
  type Status,
  statusAnswer,
} from './hive-messages.ts';
import type { HttpTransport } from './http-transport.ts';
import { SparkUnavailableError } from './spark-errors.ts';
import { failureOf } from './sql-failure.ts';
import { type Decoder, readAnswer } from './thrift-decoders.ts';
import { MalformedThriftError, readerOf } from './thrift-reader.ts';
import {
  boolField,
  encodeCall,
  type Field,
  i16Field,
  i32Field,
  i64Field,
  rawStructField,
  stringField,
} from './thrift-writer.ts';

/** A session or an operation as the server names it. */
export type Handle = Buffer;

export interface OperationStatus {
  /** One of OPERATION_STATE. */
  state: number;
  sqlState: string | null;
  message: string;
}

export interface FetchedRows {
  rows: SparkValue[][];
  /** Of the answer they came in. */
  sizeBytes: number;
}

/**
 * The calls of HiveServer2 that running SQL takes. Every call throws SparkUnavailableError, and SparkSqlError when the server answers
 * that it failed; none is tried twice.
 */
export interface HiveService {
  openSession(timeoutMs: number): Promise<Handle>;
  /** Ends what the session is still doing, too. */
  closeSession(session: Handle, timeoutMs: number): Promise<void>;
  /** Rejects when the server does not know the session any more. */
  checkSession(session: Handle, timeoutMs: number): Promise<void>;
  /** Resolves when the statement is accepted. The server gives it up after `queryTimeoutS`. */
  execute(session: Handle, sql: string, queryTimeoutS: number, timeoutMs: number): Promise<Handle>;
  status(operation: Handle, timeoutMs: number): Promise<OperationStatus>;
  cancel(operation: Handle, timeoutMs: number): Promise<void>;
  closeOperation(operation: Handle, timeoutMs: number): Promise<void>;
  columns(operation: Handle, timeoutMs: number): Promise<SparkColumn[]>;
  /** The next rows; none: there are no more. */
  fetch(operation: Handle, width: number, maxRows: number, timeoutMs: number): Promise<FetchedRows>;
}

const FETCH_NEXT = 0;
const FETCH_ROWS = 0;

export function createHiveService(transport: HttpTransport): HiveService {
  async function call<Value extends { status?: Status }>(
    name: string,
    fields: Field[],
    answer: Decoder<Value>,
    timeoutMs: number,
  ): Promise<Value & { sizeBytes: number }> {
    const bytes = await transport.post(encodeCall(name, fields), timeoutMs);
    const value = translated(() => readAnswer(readerOf(bytes), answer));
    checkStatus(value.status);
    return { ...value, sizeBytes: bytes.length };
  }

  async function tell(name: string, handle: Handle, timeoutMs: number): Promise<void> {
    await call(name, [rawStructField(1, handle)], statusAnswer, timeoutMs);
  }

  return {
    async openSession(timeoutMs) {
      const fields = [i32Field(1, PROTOCOL.v10)];
      const answer = await call('OpenSession', fields, openSessionAnswer, timeoutMs);
      return translated(() => {
        const version = given(answer.serverProtocolVersion);
        if (version < PROTOCOL.v6) throw new MalformedThriftError(`protocol ${version} is too old`);
        return given(answer.sessionHandle);
      });
    },
    closeSession: (session, timeoutMs) => tell('CloseSession', session, timeoutMs),
    // The lightest call that looks at the session: Spark answers GetInfo without doing so.
    async checkSession(session, timeoutMs) {
      const answer = await call('GetCatalogs', [rawStructField(1, session)], operationAnswer, timeoutMs);
      await tell(
        'CloseOperation',
        translated(() => given(answer.operationHandle)),
        timeoutMs,
      );
    },
    async execute(session, sql, queryTimeoutS, timeoutMs) {
      const runAsync = boolField(4, true);
      const fields = [rawStructField(1, session), stringField(2, sql), runAsync, i64Field(5, queryTimeoutS)];
      const answer = await call('ExecuteStatement', fields, operationAnswer, timeoutMs);
      return translated(() => given(answer.operationHandle));
    },
    async status(operation, timeoutMs) {
      const fields = [rawStructField(1, operation)];
      const answer = await call('GetOperationStatus', fields, operationStatusAnswer, timeoutMs);
      const { sqlState = null, errorMessage: message = '' } = answer;
      return translated(() => ({ state: given(answer.operationState), sqlState, message }));
    },
    cancel: (operation, timeoutMs) => tell('CancelOperation', operation, timeoutMs),
    closeOperation: (operation, timeoutMs) => tell('CloseOperation', operation, timeoutMs),
    async columns(operation, timeoutMs) {
      const fields = [rawStructField(1, operation)];
      const answer = await call('GetResultSetMetadata', fields, metadataAnswer, timeoutMs);
      return translated(() => given(answer.schema?.columns).map(columnOf));
    },
    async fetch(operation, width, maxRows, timeoutMs) {
      const what = [i32Field(2, FETCH_NEXT), i64Field(3, maxRows), i16Field(4, FETCH_ROWS)];
      const answer = await call(
        'FetchResults',
        [rawStructField(1, operation), ...what],
        fetchAnswer,
        timeoutMs,
      );
      const { results, sizeBytes } = answer;
      return translated(() => ({ rows: rowsOf(given(results).columns ?? [], width), sizeBytes }));
    },
  };
}

function checkStatus(status: Status | undefined): void {
  const code = translated(() => given(status?.statusCode));
  if (code === STATUS.success || code === STATUS.successWithInfo) return;
  throw failureOf(status?.errorMessage ?? '', status?.sqlState ?? null);
}

function given<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new MalformedThriftError('an answer without what was asked for');
  return value;
}

/** What cannot be read was said by a proxy, or by a server in trouble. */
function translated<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    throw new SparkUnavailableError(
      'lakehouse.unavailable',
      'The lakehouse is not available: it did not answer as a Spark Thrift server would.',
      { mayHaveRun: true, cause: error, internal: messageOf(error) },
    );
  }
}
