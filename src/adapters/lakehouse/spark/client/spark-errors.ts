import { type AppErrorOptions, InvalidError, UnavailableError } from '../../../../errors.ts';

interface Outcome {
  /** False: it is certain that the server has not begun the statement. True: it may be done, half done or still at work. */
  mayHaveRun: boolean;
}

export interface SparkUnavailableOptions extends AppErrorOptions, Outcome {}

type UnavailableCode =
  | 'lakehouse.unavailable'
  | 'lakehouse.auth_failed'
  | 'lakehouse.timeout'
  | 'lakehouse.cancelled';

/** The server cannot be reached, did not answer in time, lost its session, or answered what no Spark would. */
export class SparkUnavailableError extends UnavailableError {
  readonly mayHaveRun: boolean;

  constructor(code: UnavailableCode, message: string, { mayHaveRun, ...options }: SparkUnavailableOptions) {
    super(code, message, options);
    this.mayHaveRun = mayHaveRun;
  }
}

export interface SparkSqlErrorOptions extends AppErrorOptions {
  /** Spark's name of what is wrong, "TABLE_OR_VIEW_NOT_FOUND", or null: not every error has one, Iceberg's have none. */
  errorClass: string | null;
  sqlState: string | null;
  /** Simple names of the Java exceptions, outermost first: "CommitFailedException". */
  exceptions: readonly string[];
}

/** Spark answered that the statement failed (`lakehouse.sql_failed`). The message is its first line, without plan, SQL text or stack. */
export class SparkSqlError extends InvalidError {
  readonly errorClass: string | null;
  readonly sqlState: string | null;
  readonly exceptions: readonly string[];

  constructor(message: string, { errorClass, sqlState, exceptions, ...options }: SparkSqlErrorOptions) {
    super('lakehouse.sql_failed', message, options);
    this.errorClass = errorClass;
    this.sqlState = sqlState;
    this.exceptions = exceptions;
  }
}

export function answerTooLarge(maxBytes: number): InvalidError {
  return new InvalidError(
    'lakehouse.answer_too_large',
    `The lakehouse answered with more than ${maxBytes} bytes: ask for fewer rows, fewer columns or smaller values.`,
  );
}

/** The same error with what is now known of its outcome. */
export function withOutcome(error: unknown, mayHaveRun: boolean): unknown {
  if (!(error instanceof SparkUnavailableError) || error.mayHaveRun === mayHaveRun) return error;
  const { internal, retryAfterS, message } = error;
  return new SparkUnavailableError(codeOf(error), message, {
    mayHaveRun,
    cause: error,
    ...(internal === undefined ? {} : { internal }),
    ...(retryAfterS === undefined ? {} : { retryAfterS }),
  });
}

const CODES = ['lakehouse.auth_failed', 'lakehouse.timeout', 'lakehouse.cancelled'] as const;

function codeOf({ code }: SparkUnavailableError): UnavailableCode {
  return CODES.find((known) => known === code) ?? 'lakehouse.unavailable';
}
