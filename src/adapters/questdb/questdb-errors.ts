import postgres from 'postgres';
import { AppError, InvalidError, UnavailableError } from '../../errors.ts';
import { engineWords } from '../../foundry/engine-words.ts';

const ENDED = /timeout, query aborted|cancelled by user/;
const LOGIN = /invalid username\/password|connection limit|too many connections/i;

/** What the server or the driver threw, in Ivory's terms; anything that is neither (an abort's reason) as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof postgres.PostgresError) {
    if (LOGIN.test(error.message)) return unavailable('QuestDB refuses the login of QUESTDB_URL.', error);
    if (ENDED.test(error.message))
      return new InvalidError('foundry.timeout', 'QuestDB ended the query: it took too long.', {
        cause: error,
      });
    return new InvalidError('foundry.query_failed', engineWords(error.message), { cause: error });
  }
  if (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^[A-Z_]+$/.test(error.code)
  )
    return unavailable('QuestDB does not answer.', error);
  return error;
}

export function unavailable(message: string, cause?: unknown): UnavailableError {
  return new UnavailableError('foundry.store_unavailable', message, { cause });
}
