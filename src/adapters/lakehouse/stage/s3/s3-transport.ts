import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { S3Endpoint } from './s3-endpoint.ts';
import { encodedKey, queryString, signedHeaders } from './signature.ts';

export interface S3Request {
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** '': the bucket itself. */
  key: string;
  query?: readonly (readonly [string, string])[];
  body?: Uint8Array;
  signal?: AbortSignal | undefined;
}

export interface S3Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/** Sends one request; there is no second try. Rejects with what the network said. */
export interface S3Transport {
  send(request: S3Request): Promise<S3Answer>;
  close(): void;
}

/** Connecting, or nothing moving either way. */
const IDLE_MS = 30_000;
const WHOLE_MS = 5 * 60_000;
/** A page of a listing has 1,000 keys of at most 1 KB. */
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const NOTHING = new Uint8Array();

export function createS3Transport(endpoint: S3Endpoint, now: () => Date = () => new Date()): S3Transport {
  const agent = endpoint.tls ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  const open = endpoint.tls ? httpsRequest : httpRequest;

  function send({ method, key, query = [], body = NOTHING, signal }: S3Request): Promise<S3Answer> {
    const path = `${endpoint.base}/${encodedKey(key)}`;
    const unsigned = { method, host: endpoint.host, path, query, body };
    const headers = signedHeaders(unsigned, { ...endpoint, at: now() });
    const whole = AbortSignal.timeout(WHOLE_MS);
    return new Promise((resolve, reject) => {
      const outgoing = open({
        agent,
        method,
        host: endpoint.hostname,
        port: endpoint.port,
        path: query.length > 0 ? `${path}?${queryString(query)}` : path,
        headers: { ...headers, 'content-length': body.length },
        signal: signal ? AbortSignal.any([signal, whole]) : whole,
      });
      outgoing.setTimeout(IDLE_MS, () => outgoing.destroy(new Error(`no answer for ${IDLE_MS} ms`)));
      outgoing.once('response', (answer) => readAnswer(answer).then(resolve, reject));
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }
  return { send, close: () => agent.destroy() };
}

async function readAnswer(answer: IncomingMessage): Promise<S3Answer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return {
    status: answer.statusCode ?? 0,
    headers: answer.headers,
    text: Buffer.concat(chunks, size).toString('utf8'),
  };
}
