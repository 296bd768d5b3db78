import { AppError } from '../errors.ts';
import type { Scrub } from './scrub.ts';

export interface ErrorFields {
  type: string;
  message: string;
  code?: string;
  /** Of our own errors: what only the operator is to know. */
  internal?: string;
  /** Where it was thrown; of errors nobody foresaw. */
  stack?: string[];
  cause?: ErrorFields;
}

const MAX_CAUSES = 4;
const MAX_FRAMES = 10;

/**
 * What a log may show of any thrown value: never the statement and the parameters that a driver's error carries, nor the values its message
 * quotes; causes by the same rules.
 */
export function errorFields(error: unknown, scrub: Scrub, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: scrub(textOf(error)) };
  const { code } = error as { code?: unknown };
  const internal = error instanceof AppError ? error.internal : undefined;
  const hasCause = error.cause !== undefined && error.cause !== null && depth < MAX_CAUSES;
  return {
    type: error.name,
    message: scrub(messageIn(error)),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
    ...(internal === undefined ? {} : { internal: scrub(withoutValues(internal)) }),
    ...(error instanceof AppError || depth > 0 ? {} : { stack: framesOf(error) }),
    ...(hasCause ? { cause: errorFields(error.cause, scrub, depth + 1) } : {}),
  };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? withoutValues(value) : `a thrown ${typeof value}`;
}

function messageIn(error: Error): string {
  // drizzle's: "Failed query: <statement> params: <values>"; what went wrong is its cause
  if ('query' in error && 'params' in error) return 'Failed query';
  if (error instanceof SyntaxError)
    return withoutValues(error.message.replace(/^.*is not valid JSON$/s, 'no JSON'));
  return withoutValues(error.message);
}

const QUOTING = [
  // Postgres' words about a value: 'invalid input syntax for type integer: "x"', 'syntax error at or near "x"'
  /((?:invalid (?:input )?(?:syntax|value|byte sequence)|malformed \w+ literal|out of range|at or near|Key )[^"(]*)["(].*$/is,
  // the statement, or the line of input, that an engine repeats
  /((?:Failed query|== SQL|LINE \d+|CONTEXT|parameters?|COPY \w+, line \d+)\b\s*:?).*$/s,
];

/** What an engine says went wrong, without the values and the statement it says it of. */
function withoutValues(text: string): string {
  return QUOTING.reduce((left, pattern) => left.replace(pattern, '$1 […]'), text);
}

/** Without the lines of the message that a stack begins with. */
function framesOf({ stack }: Error): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.slice(0, MAX_FRAMES).map((line) => line.trim());
}
