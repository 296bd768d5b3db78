import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { ZodError } from 'zod';
import {
  AppError,
  ConflictError,
  type FieldError,
  ForbiddenError,
  InvalidError,
  LostLeaseError,
  NotFoundError,
  UnauthenticatedError,
  UnavailableError,
} from '../errors.ts';
import { isDatabaseDown } from './database-down.ts';

/** RFC 9457, plus a stable code, the request's id and, for bad fields, which. */
export interface Problem {
  type: string;
  title: string;
  status: ProblemStatus;
  detail: string;
  code: string;
  request_id: string;
  errors?: FieldError[];
}

export const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** Codes whose status is not that of their class. */
const STATUS_OF_CODE: Readonly<Record<string, ProblemStatus>> = {
  'board.too_many_failures': 429,
  'connector.version_changed': 412,
  'foundry.too_many_questions': 429,
  'mapping.too_many': 429,
  'rate.address': 429,
  'rate.concurrent': 429,
  'rate.tenant': 429,
  'request.cut_off': 400,
  'request.expectation_failed': 417,
  'request.headers_too_large': 431,
  'request.malformed_http': 400,
  'request.malformed_json': 400,
  'request.malformed_text': 400,
  'request.malformed_url': 400,
  'request.method_not_allowed': 405,
  'request.timeout': 408,
  'request.too_large': 413,
  'request.unsupported_encoding': 415,
  'request.unsupported_media_type': 415,
  'request.url_too_long': 414,
  'run_log.too_many_streams': 429,
  'state.version_changed': 412,
};

const STATUS_OF_CLASS: readonly (readonly [
  typeof AppError | typeof ConflictError | typeof LostLeaseError,
  ProblemStatus,
])[] = [
  [InvalidError, 422],
  [NotFoundError, 404],
  [ConflictError, 409],
  [UnauthenticatedError, 401],
  [ForbiddenError, 403],
  [UnavailableError, 503],
  [LostLeaseError, 409],
];

/** The answer to any thrown value. What is not ours to tell becomes a bare `internal`. */
export function problemOf(error: unknown, requestId: string): Problem {
  const known = asAppError(error);
  const status = known ? statusOf(known) : 500;
  return {
    type: `urn:ivory:problem:${known?.code ?? 'internal'}`,
    title: TITLES[status],
    status,
    detail: known?.message ?? 'Something went wrong on our side. Quote the request id when you report it.',
    code: known?.code ?? 'internal',
    request_id: requestId,
    ...(known && known.errors.length > 0 ? { errors: [...known.errors] } : {}),
  };
}

export function renderProblem(c: Context, error: unknown, requestId: string): Response {
  const problem = problemOf(error, requestId);
  const known = asAppError(error);
  const retryAfterS = known?.retryAfterS ?? (problem.status === 503 ? 5 : undefined);
  if (retryAfterS !== undefined) c.header('Retry-After', String(retryAfterS));
  const challenge = challengeOf(problem);
  if (challenge) c.header('WWW-Authenticate', challenge);
  return c.body(JSON.stringify(problem), problem.status, { 'Content-Type': 'application/problem+json' });
}

/** Names every bad field: "sync_schedule", "source_schema.Id", "" for the body itself. */
export function invalidRequest(error: ZodError): InvalidError {
  const errors = error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code !== 'unrecognized_keys') return [{ field: at.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ field: [...at, key].join('.'), message: 'is not a known field' }));
  });
  const names = [...new Set(errors.map(({ field }) => field || 'the body'))].join(', ');
  return new InvalidError('request.invalid', `The request is not valid: see ${names}.`, { errors });
}

function asAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof ZodError) return invalidRequest(error);
  if (error instanceof HTTPException) return fromHttpException(error);
  if (isDatabaseDown(error)) {
    return new UnavailableError('database.unavailable', 'The database cannot be reached; try again.', {
      cause: error,
    });
  }
  return null;
}

/** What Hono and its validators throw of their own. */
function fromHttpException(error: HTTPException): AppError | null {
  switch (error.status) {
    case 400:
      return new InvalidError('request.malformed_json', 'The body is not valid JSON.', { cause: error });
    case 415:
      return new InvalidError('request.unsupported_media_type', 'Send the body as application/json.', {
        cause: error,
      });
    default:
      return null;
  }
}

function statusOf(error: AppError): ProblemStatus {
  const ofCode = STATUS_OF_CODE[error.code];
  if (ofCode) return ofCode;
  const ofClass = STATUS_OF_CLASS.find(([type]) => error instanceof type)?.[1];
  // an error that went through a row has its code but no longer its class
  return ofClass ?? (error.code.endsWith('.unavailable') ? 503 : 500);
}

function challengeOf({ status, code }: Problem): string | null {
  if (code === 'auth.scope') return 'Bearer realm="ivory", error="insufficient_scope"';
  if (status !== 401) return null;
  return code === 'auth.missing' ? 'Bearer realm="ivory"' : 'Bearer realm="ivory", error="invalid_token"';
}
