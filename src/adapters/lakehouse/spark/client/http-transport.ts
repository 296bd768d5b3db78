import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { InvalidError, messageOf } from '../../../../errors.ts';
import { answerTooLarge, SparkUnavailableError } from './spark-errors.ts';
import type { SparkAuth, SparkEndpoint } from './spark-url.ts';

/** Sends one message and answers the other; there is no second try. */
export interface HttpTransport {
  /**
   * Throws SparkUnavailableError, whose `mayHaveRun` says whether anything of the message may have reached the server, and InvalidError
   * `lakehouse.answer_too_large`.
   */
  post(body: Buffer, timeoutMs: number): Promise<Buffer>;
  close(): void;
}

export interface HttpTransportOptions {
  connectTimeoutMs: number;
  maxAnswerBytes: number;
}

/** Proxies forget idle connections, most of them after a minute: one that rested longer than this is not used again. */
const IDLE_SOCKET_MS = 15_000;
/** Answers by which a server or a proxy says that it did not look at the message. */
const NOT_TAKEN = [401, 403, 404, 405, 407, 413, 429];

/** Throws InvalidError `lakehouse.url_invalid` when the file of certificates cannot be read. */
export function createHttpTransport(endpoint: SparkEndpoint, options: HttpTransportOptions): HttpTransport {
  const keep = { keepAlive: true, scheduling: 'lifo', timeout: IDLE_SOCKET_MS } as const;
  const agent = endpoint.tls ? new HttpsAgent({ ...keep, ...trusted(endpoint.caFile) }) : new HttpAgent(keep);
  const target = {
    agent,
    method: 'POST',
    host: endpoint.host,
    port: endpoint.port,
    path: endpoint.path,
    headers: {
      authorization: authorization(endpoint.auth),
      'content-type': 'application/x-thrift',
      accept: 'application/x-thrift',
      // asked for by servers that guard against forged requests of browsers
      'x-xsrf-header': 'true',
    },
  };
  const request = endpoint.tls ? httpsRequest : httpRequest;

  function post(body: Buffer, timeoutMs: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      let sent = false;
      const fail = (error: unknown) => reject(asFault(error, sent));
      const headers = { ...target.headers, 'content-length': body.length };
      const outgoing = request({ ...target, headers });
      const giveUp = (what: string, ms: number) =>
        setTimeout(() => outgoing.destroy(new Error(`${what} took more than ${ms} ms`)), ms);
      const connecting = giveUp('connecting', Math.min(options.connectTimeoutMs, timeoutMs));
      const whole = giveUp('the answer', timeoutMs);
      outgoing.once('socket', (socket) =>
        whenConnected(socket, endpoint.tls, () => {
          sent = true;
          clearTimeout(connecting);
        }),
      );
      outgoing.once('response', (answer) => readAnswer(answer, options.maxAnswerBytes).then(resolve, fail));
      outgoing.once('error', fail);
      outgoing.once('close', () => {
        clearTimeout(connecting);
        clearTimeout(whole);
      });
      outgoing.end(body);
    });
  }
  return { post, close: () => agent.destroy() };
}

/** From then on bytes of the message may be on their way. */
function whenConnected(socket: Socket, tls: boolean, connected: () => void): void {
  if (socket.connecting) socket.once(tls ? 'secureConnect' : 'connect', connected);
  else connected();
}

async function readAnswer(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (answer.statusCode !== 200) throw refusal(answer);
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > maxBytes) throw answerTooLarge(maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

function refusal(answer: IncomingMessage): SparkUnavailableError {
  const status = answer.statusCode ?? 0;
  answer.destroy();
  const mayHaveRun = !NOT_TAKEN.includes(status);
  const internal = `HTTP ${status}`;
  if (status === 401 || status === 403)
    return new SparkUnavailableError(
      'lakehouse.auth_failed',
      'The lakehouse does not accept the user, password or token of LAKEHOUSE_URL.',
      { mayHaveRun, internal },
    );
  const retryAfterS = Number(answer.headers['retry-after']);
  return unavailable(`it answered HTTP ${status}`, {
    mayHaveRun,
    internal,
    ...(retryAfterS > 0 ? { retryAfterS } : {}),
  });
}

function asFault(error: unknown, sent: boolean): unknown {
  if (error instanceof SparkUnavailableError || error instanceof InvalidError) return error;
  return unavailable(sent ? 'the connection failed' : 'it cannot be reached', {
    mayHaveRun: sent,
    cause: error,
    internal: messageOf(error),
  });
}

type Details = ConstructorParameters<typeof SparkUnavailableError>[2];

function unavailable(why: string, details: Details): SparkUnavailableError {
  return new SparkUnavailableError(
    'lakehouse.unavailable',
    `The lakehouse is not available: ${why}.`,
    details,
  );
}

function authorization(auth: SparkAuth): string {
  if (auth.kind === 'bearer') return `Bearer ${auth.token}`;
  return `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`;
}

function trusted(caFile: string | null): { ca?: Buffer } {
  if (caFile === null) return {};
  try {
    return { ca: readFileSync(caFile) };
  } catch (error) {
    throw new InvalidError(
      'lakehouse.url_invalid',
      'The lakehouse url cannot be used: its "ca" is not a readable file.',
      { cause: error },
    );
  }
}
