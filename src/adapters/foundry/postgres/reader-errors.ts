import { AppError, InvalidError, messageOf, UnavailableError } from '../../../errors.ts';
import { engineWords } from '../../../foundry/engine-words.ts';

/** SQLSTATE classes that say nothing about the query: connection, login, rollback, resources, operator, the server itself. */
const PASSING = ['08', '28', '40', '53', '55', '57', '58', 'XX'];
const CANCELED = '57014';
const FORBIDDEN = '42501';
/** No right to a table or schema and no such table or schema: which of them it was would tell of others' tables. */
const UNSEEN = [FORBIDDEN, '42P01', '3F000'];

/** What Postgres or the driver threw, in a store's terms; what an abort was given as its reason stays as it is. */
export function storeError(error: unknown, timeoutMs: number): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const state = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (error.name === 'AbortError') return error;
  if (state === CANCELED) return timedOut(timeoutMs, error);
  if (state === null || !/^(?=.*\d)[0-9A-Z]{5}$/.test(state) || PASSING.includes(state.slice(0, 2)))
    return new UnavailableError(
      'foundry.store_unavailable',
      'Postgres cannot be reached or did not answer.',
      {
        cause: error,
        internal: messageOf(error),
      },
    );
  const words = UNSEEN.includes(state)
    ? 'The query names a table, schema or function that is not there for this tenant: name tables as the catalog does.'
    : engineWords(messageOf(error)).replaceAll(/\bivory_(?:reader|asker|model)_\w+/g, '…');
  return new InvalidError('foundry.query_failed', words, { cause: error });
}

export function timedOut(timeoutMs: number, cause?: unknown): InvalidError {
  return new InvalidError(
    'foundry.timeout',
    `The query was ended: it took longer than ${timeoutMs / 1000} s.`,
    { cause },
  );
}

/** What was thrown while a reader was made: no query is at fault. */
export function setupError(error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  const isForbidden = 'code' in error && error.code === FORBIDDEN;
  const message = isForbidden
    ? 'The login Ivory uses may not make the roles that tenants read with (docs/foundry-stores.md).'
    : 'Postgres cannot be reached or did not answer.';
  return new UnavailableError('foundry.store_unavailable', message, {
    cause: error,
    internal: messageOf(error),
  });
}
