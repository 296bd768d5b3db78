import { InvalidError } from '../../../../errors.ts';
import type { SparkColumn, SparkValue } from './column-reader.ts';
import { createDeadline, type Deadline } from './deadline.ts';
import type { Handle, HiveService } from './hive-service.ts';
import { type RowBatch, rowBatches } from './row-batches.ts';
import { answerTooLarge, SparkSqlError } from './spark-errors.ts';
import { type FinishedStatement, runStatement } from './statement.ts';

export interface StatementOptions {
  signal?: AbortSignal | undefined;
  /** Of the whole statement; of each fetch of a stream. */
  timeoutMs?: number | undefined;
}

export interface QueryOptions extends StatementOptions {
  /** Rows beyond it are left on the server. 10,000 unless given. */
  maxRows?: number | undefined;
  /** No more rows are asked for once those that came took so much. Without it such an answer is an error. */
  maxBytes?: number | undefined;
}

export interface QueryResult {
  /** A statement that has no result has a column "Result" without rows: so Spark says it. */
  columns: readonly SparkColumn[];
  rows: SparkValue[][];
  /** True: there were more than maxRows, or may be more than maxBytes. */
  truncated: boolean;
}

/**
 * Runs one statement at a time. Errors of each: SparkSqlError `lakehouse.sql_failed`; SparkUnavailableError `lakehouse.unavailable`,
 * `.timeout`, `.cancelled`, `.auth_failed`, whose `mayHaveRun` says whether the statement may have been carried out: it is never sent
 * twice. InvalidError `lakehouse.answer_too_large`.
 */
export interface SparkStatements {
  execute(sql: string, options?: StatementOptions): Promise<void>;
  query(sql: string, options?: QueryOptions): Promise<QueryResult>;
  /** All rows, in batches of about 2 MB, while the server makes them one partition at a time: memory is flat on both sides. */
  stream(sql: string, options?: StatementOptions): AsyncGenerator<RowBatch, void, undefined>;
}

/** A session of the server's, held for statements that belong together. */
export interface SparkSession extends SparkStatements {
  /** `SET name=value`, until reset or until the session is given back. Throws InvalidError `lakehouse.setting_refused`. */
  set(name: string, value: string): Promise<void>;
  reset(name: string): Promise<void>;
}

export interface OpenSession extends SparkSession {
  readonly handle: Handle;
  /** Undoes what was set. Resolves false when the session must not be used again. */
  clean(): Promise<boolean>;
}

export interface SessionOptions {
  timeoutMs: number;
  /** Of one answer, and of all that a query brings. */
  maxAnswerBytes: number;
  /** Aborted when the client is closed. */
  closing: AbortSignal;
  /** Settings of every session: what a reset goes back to. */
  settings: Readonly<Record<string, string>>;
}

const DEFAULT_MAX_ROWS = 10_000;
/** The result is computed partition by partition as it is fetched, not held whole in the server's memory. */
const INCREMENTAL = 'spark.sql.thriftServer.incrementalCollect';

export function sessionOn(service: HiveService, handle: Handle, options: SessionOptions): OpenSession {
  const changed = new Set<string>();
  let isBroken = false;

  async function guarded<Value>(work: () => Promise<Value>): Promise<Value> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof SparkSqlError)) isBroken = true;
      throw error;
    }
  }

  const deadlineOf = ({ timeoutMs = options.timeoutMs, signal }: StatementOptions): Deadline =>
    createDeadline(timeoutMs, signal ? [signal, options.closing] : [options.closing]);

  async function run(sql: string, deadline: Deadline): Promise<FinishedStatement> {
    const statement = await guarded(() => runStatement(service, handle, sql, deadline));
    return {
      columns: (limit) => guarded(() => statement.columns(limit)),
      fetch: (width, maxRows, limit) => guarded(() => statement.fetch(width, maxRows, limit)),
      // that a finished statement is not tidied up does not undo it
      close: () => guarded(() => statement.close()).catch(() => {}),
    };
  }

  async function execute(sql: string, given: StatementOptions = {}): Promise<void> {
    const statement = await run(sql, deadlineOf(given));
    await statement.close();
  }

  async function query(sql: string, given: QueryOptions = {}): Promise<QueryResult> {
    const deadline = deadlineOf(given);
    const statement = await run(sql, deadline);
    try {
      return await firstRows(
        rowBatches(statement, () => deadline),
        given.maxRows ?? DEFAULT_MAX_ROWS,
        { wanted: given.maxBytes ?? Number.POSITIVE_INFINITY, most: options.maxAnswerBytes },
      );
    } finally {
      await statement.close();
    }
  }

  async function* stream(sql: string, given: StatementOptions = {}) {
    await set(INCREMENTAL, 'true');
    const statement = await run(sql, deadlineOf(given));
    try {
      await reset(INCREMENTAL);
      yield* rowBatches(statement, () => deadlineOf(given));
    } finally {
      await statement.close();
    }
  }

  async function set(name: string, value: string): Promise<void> {
    const statement = settingStatement(name, value);
    changed.add(name);
    await execute(statement);
  }

  async function reset(name: string): Promise<void> {
    const usual = options.settings[name];
    await execute(usual === undefined ? `RESET ${checkedName(name)}` : settingStatement(name, usual));
    changed.delete(name);
  }

  async function clean(): Promise<boolean> {
    try {
      for (const name of isBroken ? [] : changed) await reset(name);
      return !isBroken;
    } catch {
      return false;
    }
  }
  return { handle, execute, query, stream, set, reset, clean };
}

async function firstRows(
  batches: AsyncIterable<RowBatch>,
  maxRows: number,
  bytes: { wanted: number; most: number },
): Promise<QueryResult> {
  let sizeBytes = 0;
  let columns: readonly SparkColumn[] = [];
  const rows: SparkValue[][] = [];
  for await (const batch of batches) {
    columns = batch.columns;
    sizeBytes += batch.sizeBytes;
    if (sizeBytes > bytes.most) throw answerTooLarge(bytes.most);
    for (const row of batch.rows) rows.push(row);
    if (rows.length > maxRows || sizeBytes > bytes.wanted)
      return { columns, rows: rows.slice(0, maxRows), truncated: true };
  }
  return { columns, rows, truncated: false };
}

/** Spark takes everything after the = as it is, up to the end: there is no quoting to get wrong, but a line ends it. */
export function settingStatement(name: string, value: string): string {
  if (!/^[\w .:,+/@=-]*$/.test(value) || value !== value.trim())
    throw new InvalidError(
      'lakehouse.setting_refused',
      `The value for ${checkedName(name)} has a character that is not allowed.`,
    );
  return `SET ${checkedName(name)}=${value}`;
}

/** Quoted only where it must be: a dash ends a bare name. */
function checkedName(name: string): string {
  if (/^[A-Za-z][\w.]*$/.test(name)) return name;
  if (/^[A-Za-z][\w.-]*$/.test(name)) return `\`${name}\``;
  throw new InvalidError(
    'lakehouse.setting_refused',
    'The name of a Spark setting is letters, digits, dots and dashes.',
  );
}
