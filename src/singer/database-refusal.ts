import type { InvalidError } from '../errors.ts';
import { type Place, singerError } from './refusal.ts';
import { databaseCode } from './staging-session.ts';

/**
 * SQLSTATEs that blame what the tap said: data (22), constraints (23), names, types and kinds of relations (42), limits (54), a change
 * that other objects forbid (0A, 2BP01). A syntax error and a missing permission or relation are not the tap's doing.
 */
const BLAMES_INPUT = /^(?:22|23|54|0A000|2BP01|42(?!501|601|P01|703))/;

/** The error as one of the input at `place`, with `code` unless a limit on columns was met; anything else as it is. */
export function asRefusal(error: unknown, code: string, place: Place): unknown {
  const state = databaseCode(error);
  if (!BLAMES_INPUT.test(state) || !(error instanceof Error)) return error;
  if (state === '54011') return tooWide(place, `${error.message}.`, error);
  return singerError(code, place, `the database refuses it: ${error.message}.`, error);
}

export function tooWide(place: Place, reason: string, cause?: unknown): InvalidError {
  return singerError('singer.schema_too_wide', place, reason, cause);
}
