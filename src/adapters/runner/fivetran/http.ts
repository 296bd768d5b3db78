import type { FivetranSettings } from './settings.ts';

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Under the API's address: "/v1/connections/abc". */
  path: string;
  body?: unknown;
}

export interface HttpAnswer {
  status: number;
  /** As the header says it; null: there is none. */
  retryAfter: string | null;
  /** undefined: it is no JSON. */
  json: unknown;
}

/** Rejects with the network's error, a timeout, OversizeError, or the signal's reason. */
export type Http = (request: HttpRequest, signal: AbortSignal) => Promise<HttpAnswer>;

/** The answer is larger than anything this API has to say. */
export class OversizeError extends Error {}

const MAX_ANSWER_BYTES = 1024 * 1024;
const TIMEOUT_MS = 30_000;

/** One request at a time to one API with one key: bounded in time and size, following no redirect. */
export function createHttp(
  baseUrl: string,
  { apiKey, apiSecret }: FivetranSettings,
  timeoutMs = TIMEOUT_MS,
): Http {
  const address = baseUrl.replace(/\/+$/, '');
  const authorization = `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString('base64')}`;
  return async ({ method, path, body }, signal) => {
    const response = await fetch(`${address}${path}`, {
      method,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      headers: {
        accept: 'application/json;version=2',
        authorization,
        'user-agent': 'ivory',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await cappedText(response);
    return { status: response.status, retryAfter: response.headers.get('retry-after'), json: parsed(text) };
  };
}

async function cappedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new OversizeError('The answer is larger than 1 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
