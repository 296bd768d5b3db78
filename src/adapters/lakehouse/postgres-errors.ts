import { AppError, InvalidError, messageOf, UnavailableError } from '../../errors.ts';

/** SQLSTATE classes that say nothing about the request: connection, authorization, rollback, resources, operator. */
const PASSING = ['08', '28', '40', '53', '55', '57', '58', 'XX'];
export const SQLSTATE = {
  undefinedTable: '42P01',
  noSchema: '3F000',
  uniqueViolation: '23505',
  queryCanceled: '57014',
} as const;

/** An SQLSTATE has a digit; names of the operating system's errors (EPIPE) look like one otherwise. */
export function sqlStateOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^(?=.*\d)[0-9A-Z]{5}$/.test(code) ? code : null;
}

/** What the port promises: UnavailableError when trying again may help or the outcome is unknown, else InvalidError `lakehouse.refused`. */
export function lakehouseError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const state = sqlStateOf(error);
  if (state === null || PASSING.includes(state.slice(0, 2))) {
    return new UnavailableError(
      'lakehouse.unavailable',
      'The lakehouse cannot be reached or did not answer.',
      {
        cause: error,
        internal: messageOf(error),
      },
    );
  }
  return new InvalidError('lakehouse.refused', `The lakehouse refused: ${messageOf(error)}`, {
    cause: error,
  });
}

/** Runs work against the lakehouse and translates what it throws. */
export async function translated<Value>(work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw lakehouseError(error);
  }
}
