import type { AppError } from '../../../../errors.ts';
import { SparkSqlError, SparkUnavailableError } from './spark-errors.ts';

const MAX_MESSAGE = 500;
const MAX_INTERNAL = 4_000;
/** The server has forgotten it: it was restarted, or nothing came for too long. */
const HANDLE_LOST = /^invalid[ _]?(session|operation)[ _]?handle/i;
/** Written as they are thrown, each is the word for "stopped in the middle, or done and not told". */
const OUTCOME_UNKNOWN = ['CommitStateUnknownException', 'OutOfMemoryError'];
const GOING_DOWN = /SparkContext (was|has been|is) (already )?(shut ?down|stopped)|stopped SparkContext/;

/**
 * Reads what the server says of a call or a statement that failed: SparkSqlError, or SparkUnavailableError when it means that the server has
 * lost the session or itself.
 */
export function failureOf(text: string, sqlState: string | null): AppError {
  const internal = text.slice(0, MAX_INTERNAL);
  const headline = headlineOf(text);
  const exceptions = exceptionsOf(text);
  // a handle that is not known was not used for anything
  if (HANDLE_LOST.test(headline))
    return unavailable('it does not know the session any more', { mayHaveRun: false, internal });
  if (GOING_DOWN.test(headline) || OUTCOME_UNKNOWN.some((name) => exceptions.includes(name)))
    return unavailable('it stopped in the middle of the statement', { mayHaveRun: true, internal });
  return new SparkSqlError(headline, {
    errorClass: /^\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]/.exec(headline)?.[1] ?? null,
    sqlState: sqlState ?? /SQLSTATE: ([0-9A-Z]{5})/.exec(headline)?.[1] ?? null,
    exceptions,
    internal,
  });
}

/** What stands before the message itself: what Spark says around it, and the exception it came in. */
const AROUND =
  /^\s*(?:Error running query: |\[[A-Z0-9_.]+\] (?=[a-z]\w*\.)|(?:[a-z]\w*\.)+[A-Z][\w$]*: ?|Job aborted due to stage failure: [^\n]*?Lost task [^\n]*?\): )/;

/** Its first line, with the error class and without exception names; the SQL text, the plan and the stack come after it. */
function headlineOf(text: string): string {
  let rest = text;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = rest.replace(AROUND, '');
  }
  const [line = ''] = rest.trimStart().split('\n', 1);
  return (line.trimEnd().slice(0, MAX_MESSAGE) || 'The statement failed.').replace(
    /; line \d+ pos \d+;?$/,
    '',
  );
}

/** Simple names, outermost first, each once: those before the message and those it was caused by. */
function exceptionsOf(text: string): string[] {
  const [first = '', ...lines] = text.split('\n');
  const causes = lines.filter((line) => line.startsWith('Caused by: '));
  const names = [first, ...causes].flatMap((line) =>
    [...line.matchAll(/(?:^|: |\] )(?:[a-z]\w*\.)+([A-Z]\w*)(?=:|$)/g)].map(([, name = '']) => name),
  );
  return [...new Set(names)].filter((name) => name !== 'HiveSQLException');
}

type Details = ConstructorParameters<typeof SparkUnavailableError>[2];

function unavailable(why: string, details: Details): SparkUnavailableError {
  return new SparkUnavailableError(
    'lakehouse.unavailable',
    `The lakehouse is not available: ${why}.`,
    details,
  );
}
