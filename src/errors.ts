/** Whether the same work may succeed if it is tried again unchanged. */
export type Retry = 'transient' | 'terminal';

export interface FieldError {
  /** JSON pointer or field name of the offending input. */
  field: string;
  message: string;
}

export interface AppErrorOptions {
  cause?: unknown;
  /** Only for our own logs; never sent to a client. */
  internal?: string;
  errors?: readonly FieldError[];
  /** Seconds after which a client may try again. */
  retryAfterS?: number;
}

/**
 * An error with a stable code. `message` is public: it says what happened, to what, and what to do next,
 * and never carries a secret, an SQL text or another tenant's name. HTTP statuses belong to api/problem.ts.
 */
export class AppError extends Error {
  readonly code: string;
  readonly retry: Retry;
  readonly internal: string | undefined;
  readonly errors: readonly FieldError[];
  readonly retryAfterS: number | undefined;

  constructor(code: string, message: string, retry: Retry, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.retry = retry;
    this.internal = options.internal;
    this.errors = options.errors ?? [];
    this.retryAfterS = options.retryAfterS;
  }
}

/** The request contradicts a rule; the same request will fail again. */
export class InvalidError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'terminal', options);
  }
}

/** Settings with which a process must not start: wrong, missing, or those of an example. */
export class SettingsError extends InvalidError {
  constructor(errors: readonly FieldError[]) {
    const lines = errors.map((e) => `  ${e.field}: ${e.message}`);
    super('config.invalid', `The settings are not complete:\n${lines.join('\n')}`, { errors });
  }
}

/** No such thing for this tenant. Another tenant's thing is reported in the same words. */
export class NotFoundError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'terminal', options);
  }
}

/** The thing is in a state that does not allow this. */
export class ConflictError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'terminal', options);
  }
}

/** The caller is not who they must be. */
export class UnauthenticatedError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'terminal', options);
  }
}

/** The caller is known and may not do this. */
export class ForbiddenError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'terminal', options);
  }
}

/** Something we depend on is down, slow or refused us; trying again later may help. */
export class UnavailableError extends AppError {
  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(code, message, 'transient', options);
  }
}

/** The worker no longer owns the run it is writing for: stop, write nothing, report nothing. */
export class LostLeaseError extends AppError {
  constructor(runId: string) {
    super('run.lease_lost', `Run ${runId} is no longer owned by this worker.`, 'terminal');
  }
}

const KINDS = {
  invalid: InvalidError,
  not_found: NotFoundError,
  conflict: ConflictError,
  forbidden: ForbiddenError,
  unavailable: UnavailableError,
} as const;
/** The class of an error, as a row keeps it. */
export type ErrorKind = keyof typeof KINDS;

const ERROR_KINDS = Object.keys(KINDS) as ErrorKind[];

/** null: of no class that could be made again from a code and a message. */
export function kindOf(error: AppError): ErrorKind | null {
  return ERROR_KINDS.find((kind) => error instanceof KINDS[kind]) ?? null;
}

/** Makes an error again that went through a row. */
export function errorOfKind(kind: ErrorKind, code: string, message: string): AppError {
  return new KINDS[kind](code, message);
}

/** Text of any thrown value: of a failed query what its driver says, without the statement and the values it was asked with. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!('query' in error && 'params' in error)) return error.message;
  return error.cause === undefined ? 'a query failed' : messageOf(error.cause);
}
