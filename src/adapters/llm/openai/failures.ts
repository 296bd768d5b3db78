import { APIConnectionError, APIError } from 'openai';
import { AppError, InvalidError, messageOf, UnavailableError } from '../../../errors.ts';

/** Shorter keys are placeholders of servers that need none. */
const LEAST_KEY_LENGTH = 8;
const INTERNAL_CHARACTERS = 500;

/** Takes the key out of any text a server may have echoed it into. */
export function keyHider(apiKey: string): (text: string) => string {
  return (text) => (apiKey.length < LEAST_KEY_LENGTH ? text : text.replaceAll(apiKey, '[key]'));
}

/** What an attempt failed of, in our words; the server's, without the key, only for our own logs. */
export function failureOf(error: unknown, hide: (text: string) => string): AppError {
  if (error instanceof AppError) return error;
  const internal = hide([messageOf(error), causeCode(error)].filter(Boolean).join(' ')).slice(
    0,
    INTERNAL_CHARACTERS,
  );
  if (error instanceof APIConnectionError)
    return unavailable('The model server cannot be reached.', internal);
  if (!(error instanceof APIError))
    return unavailable('The model server broke off, or answered something unreadable.', internal);
  return ofStatus(error, internal);
}

export function unavailable(message: string, internal?: string): UnavailableError {
  return new UnavailableError('llm.unavailable', message, internal === undefined ? {} : { internal });
}

export function refused(message: string, internal?: string): InvalidError {
  return new InvalidError('llm.refused', message, internal === undefined ? {} : { internal });
}

function ofStatus({ status, code, message, headers }: APIError, internal: string): AppError {
  const options = { internal };
  if (status === 401 || status === 403 || (status === 400 && /api[ _-]?key/i.test(message))) {
    return new InvalidError(
      'llm.key_refused',
      'The model server refused the API key: check OPENAI_API_KEY.',
      options,
    );
  }
  if (status === 402 || code === 'insufficient_quota') {
    return new InvalidError('llm.quota_spent', 'The account of the API key has no quota left.', options);
  }
  if (status === 404) {
    return new InvalidError(
      'llm.model_unknown',
      'The model server knows no such model or address: check OPENAI_MODEL and OPENAI_BASE_URL.',
      options,
    );
  }
  const isPassing =
    status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
  if (isPassing && headers?.get('x-should-retry') !== 'false') {
    return unavailable(`The model server is overloaded or failing (HTTP ${status ?? 200}).`, internal);
  }
  return refused(`The model server refused the request (HTTP ${status}).`, internal);
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : null;
  if (!(cause instanceof Error)) return '';
  return [cause.message, causeCode(cause)].filter(Boolean).join(' ');
}

/** The pause a server asks for (retry-after-ms; Retry-After in seconds or as a date); null where it does not. */
export function askedPauseMs(error: unknown, now: number): number | null {
  const headers = error instanceof APIError ? error.headers : undefined;
  const exactMs = Number.parseFloat(headers?.get('retry-after-ms') ?? '');
  if (exactMs >= 0) return exactMs;
  const asked = headers?.get('retry-after');
  if (!asked) return null;
  const seconds = Number(asked);
  const pauseMs = Number.isNaN(seconds) ? Date.parse(asked) - now : seconds * 1000;
  return Number.isNaN(pauseMs) ? null : Math.max(0, pauseMs);
}
