import { z } from 'zod';
import { InvalidError, messageOf, UnavailableError } from '../../../errors.ts';
import { type Connection, readConnection } from './connection.ts';
import { type Http, type HttpAnswer, type HttpRequest, OversizeError } from './http.ts';
import { retryAfterMs } from './retry-after.ts';

export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface ClientOptions {
  http: Http;
  connectionId: string;
  wait: Wait;
  /** Takes the secrets out of what Fivetran says. */
  redact(text: string): string;
  log(line: string): void;
}

/**
 * The calls Ivory makes. All throw InvalidError `fivetran.auth_error`, `fivetran.connection_unknown`, `fivetran.refused`,
 * `fivetran.answer_invalid`; UnavailableError `fivetran.unavailable`, `fivetran.rate_limited` when trying again here is over; the signal's reason.
 */
export interface FivetranClient {
  connection(signal: AbortSignal): Promise<Connection>;
  /** Starts a sync and never restarts one; `running`: one is under way already. */
  sync(signal: AbortSignal): Promise<'started' | 'running'>;
  /** The connection's schema config, as it came. */
  schemas(signal: AbortSignal): Promise<unknown>;
}

const MAX_FAILURES = 5;
const FIRST_BACKOFF_MS = 500;
const MAX_LIMITED = 6;

export function createFivetranClient(options: ClientOptions): FivetranClient {
  const at = `/v1/connections/${encodeURIComponent(options.connectionId)}`;
  return {
    async connection(signal) {
      const { json } = await call(options, { method: 'GET', path: at }, signal);
      const connection = readConnection(json);
      if (connection) return connection;
      throw new InvalidError(
        'fivetran.answer_invalid',
        'Fivetran answered without the state of the connection.',
      );
    },
    async sync(signal) {
      const request: HttpRequest = { method: 'POST', path: `${at}/sync`, body: { force: false } };
      const { status } = await call(options, request, signal, [409]);
      return status === 409 ? 'running' : 'started';
    },
    async schemas(signal) {
      return (await call(options, { method: 'GET', path: `${at}/schemas` }, signal)).json;
    },
  };
}

/** Asks until there is an answer to act on: waits out a rate limit, tries again what may pass by itself, both a bounded number of times. */
async function call(
  { http, wait, redact, log }: ClientOptions,
  request: HttpRequest,
  signal: AbortSignal,
  alsoFine: readonly number[] = [],
): Promise<HttpAnswer> {
  let failures = 0;
  let limited = 0;
  for (;;) {
    const tried = await attempt(http, request, signal);
    if ('trouble' in tried) {
      failures += 1;
      if (failures >= MAX_FAILURES) throw unavailable(redact(tried.trouble));
      log(`fivetran: ${redact(tried.trouble)}; trying again`);
      await wait(backoffMs(failures), signal);
      continue;
    }
    const { answer } = tried;
    if (answer.status !== 429) return accepted(answer, alsoFine, redact);
    limited += 1;
    const pauseMs = retryAfterMs(answer.retryAfter, Date.now());
    if (limited >= MAX_LIMITED) throw rateLimited(pauseMs);
    log(`fivetran: rate limited; waiting ${Math.ceil(pauseMs / 1000)} s`);
    await wait(pauseMs, signal);
  }
}

type Attempt = { answer: HttpAnswer } | { trouble: string };

async function attempt(http: Http, request: HttpRequest, signal: AbortSignal): Promise<Attempt> {
  let answer: HttpAnswer;
  try {
    answer = await http(request, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof OversizeError)
      throw new InvalidError('fivetran.answer_invalid', `Fivetran's answer is not taken: ${error.message}`);
    return { trouble: `no answer (${reasonOf(error)})` };
  }
  const { status, json } = answer;
  if (status >= 500) return { trouble: `answered ${status}` };
  if (status >= 300 && status < 400)
    return { trouble: `answered a redirect (${status}), which is not followed` };
  if (status < 300 && json === undefined) return { trouble: 'answered what is no JSON' };
  return { answer };
}

/** "ECONNREFUSED" says more than "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = Cause.safeParse(cause).data?.code;
  return code ?? (error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : messageOf(error));
}

const Cause = z.object({ code: z.string() });

function accepted(
  answer: HttpAnswer,
  alsoFine: readonly number[],
  redact: (text: string) => string,
): HttpAnswer {
  const { status, json } = answer;
  if (status < 300 || alsoFine.includes(status)) return answer;
  const said = redact(wordsOf(json));
  if (status === 401 || status === 403)
    throw new InvalidError(
      'fivetran.auth_error',
      `Fivetran refuses the API key (${status}). Check api_key and api_secret, and that its role may read and sync the connection.${said}`,
    );
  if (status === 404)
    throw new InvalidError(
      'fivetran.connection_unknown',
      `Fivetran knows no such connection for this API key. Check connection_id.${said}`,
    );
  throw new InvalidError('fivetran.refused', `Fivetran refused the request (${status}).${said}`);
}

const Envelope = z.object({ code: z.string().max(200).catch(''), message: z.string().catch('') });
const MAX_SAID = 500;

/** " It says: <code>: <message>", on one line; "" when it said nothing. */
function wordsOf(json: unknown): string {
  const { code = '', message = '' } = Envelope.safeParse(json).data ?? {};
  const words = [code, message]
    .filter(Boolean)
    .join(': ')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ');
  return words ? ` It says: ${words.slice(0, MAX_SAID)}` : '';
}

function backoffMs(failures: number): number {
  return FIRST_BACKOFF_MS * 2 ** (failures - 1) * (0.5 + Math.random());
}

function unavailable(trouble: string): UnavailableError {
  return new UnavailableError('fivetran.unavailable', `Fivetran cannot be reached: ${trouble}.`);
}

function rateLimited(pauseMs: number): UnavailableError {
  return new UnavailableError('fivetran.rate_limited', 'Fivetran goes on limiting the rate of requests.', {
    retryAfterS: Math.ceil(pauseMs / 1000),
  });
}
