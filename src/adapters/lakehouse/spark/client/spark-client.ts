import type { Log } from '../../../../log.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import { createHiveService } from './hive-service.ts';
import { createHttpTransport } from './http-transport.ts';
import type { SparkSession, SparkStatements, StatementOptions } from './session.ts';
import { createSessionPool } from './session-pool.ts';
import { SparkSqlError } from './spark-errors.ts';
import type { SparkEndpoint } from './spark-url.ts';

export interface SparkClientOptions {
  endpoint: SparkEndpoint;
  log: Log;
  /** Statements at work at the same time; what is beyond waits. */
  poolSize?: number;
  connectTimeoutMs?: number;
  /** Of a statement, the wait for a session included. */
  statementTimeoutMs?: number;
  /** Settings of every session, before any statement. */
  settings?: Readonly<Record<string, string>>;
  /** The largest answer that is taken in; also the most that all rows of a query may take. */
  maxAnswerBytes?: number;
}

export interface SparkClient extends SparkStatements {
  /**
   * Holds one session for statements that depend on each other. It goes back to the pool after its settings were reset, and is closed if
   * `work` rejects with anything but a SparkSqlError. Leave nothing else in it: no temporary view, no other catalog.
   */
  withSession<Value>(
    work: (session: SparkSession) => Promise<Value>,
    options?: StatementOptions,
  ): Promise<Value>;
  /** Ends what is at work (`lakehouse.cancelled`) and closes all sessions. */
  close(): Promise<void>;
}

const UTC = { 'spark.sql.session.timeZone': 'UTC' };

/**
 * Speaks HiveServer2's protocol over HTTP, to a Spark Thrift server or to IOMETE. The protocol is written out here because the packages
 * that know it lose values: hive-driver makes null of a BIGINT beyond 2^53, a float of a DECIMAL and cuts names at their last dot.
 * Timestamps are of UTC.
 */
export function createSparkClient({
  endpoint,
  log,
  poolSize = 4,
  connectTimeoutMs = 10_000,
  statementTimeoutMs = 600_000,
  settings = {},
  maxAnswerBytes = 64 * 1024 * 1024,
}: SparkClientOptions): SparkClient {
  const closing = new AbortController();
  const transport = createHttpTransport(endpoint, { connectTimeoutMs, maxAnswerBytes });
  const pool = createSessionPool(createHiveService(transport), {
    size: poolSize,
    catalog: endpoint.catalog,
    log,
    timeoutMs: statementTimeoutMs,
    maxAnswerBytes,
    closing: closing.signal,
    settings: { ...UTC, ...settings },
  });

  const deadlineOf = ({ timeoutMs = statementTimeoutMs, signal }: StatementOptions): Deadline =>
    createDeadline(timeoutMs, signal ? [signal, closing.signal] : [closing.signal]);

  async function held<Value>(
    deadline: Deadline,
    work: (session: SparkSession) => Promise<Value>,
  ): Promise<Value> {
    const session = await pool.take(deadline);
    let isClean = false;
    try {
      const value = await work(session);
      isClean = true;
      return value;
    } catch (error) {
      isClean = error instanceof SparkSqlError;
      throw error;
    } finally {
      await pool.give(session, isClean);
    }
  }

  async function* stream(sql: string, options: StatementOptions = {}) {
    const session = await pool.take(deadlineOf(options));
    let isClean = false;
    try {
      yield* session.stream(sql, options);
      isClean = true;
    } finally {
      await pool.give(session, isClean);
    }
  }

  let closed: Promise<void> | null = null;
  async function end(): Promise<void> {
    closing.abort();
    await pool.close();
    transport.close();
  }

  return {
    execute(sql, options = {}) {
      const deadline = deadlineOf(options);
      const left = () => ({ ...options, timeoutMs: deadline.leftMs() });
      return held(deadline, (session) => session.execute(sql, left()));
    },
    query(sql, options = {}) {
      const deadline = deadlineOf(options);
      const left = () => ({ ...options, timeoutMs: deadline.leftMs() });
      return held(deadline, (session) => session.query(sql, left()));
    },
    stream,
    withSession: (work, options = {}) => held(deadlineOf(options), work),
    close() {
      closed ??= end();
      return closed;
    },
  };
}
