import type { LookupAddress } from 'node:dns';
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { WebhookOutcome } from '../../ports/webhook-sender.ts';
import { excerptOf } from './excerpt.ts';
import { failureOf } from './failure.ts';

export interface Post {
  url: URL;
  headers: Record<string, string>;
  body: string;
  /** The only addresses the request goes to. */
  addresses: LookupAddress[];
  ca: string | undefined;
}

export interface PostLimits {
  /** Until the first of the answer is there. */
  answerMs: number;
  totalMs: number;
  /** Of the answer's body that are read. */
  excerptBytes: number;
}

/** POSTs once, on a connection of its own that is closed after. Throws the signal's reason when it is aborted, and nothing else. */
export async function post(request: Post, limits: PostLimits, signal: AbortSignal): Promise<WebhookOutcome> {
  signal.throwIfAborted();
  const stop = new AbortController();
  const abort = () => stop.abort();
  signal.addEventListener('abort', abort, { once: true });
  const answerTimer = setTimeout(abort, limits.answerMs);
  const totalTimer = setTimeout(abort, limits.totalMs);
  try {
    const answer = await answerTo(request, stop.signal);
    clearTimeout(answerTimer);
    const excerpt = excerptOf(await firstOf(answer, limits.excerptBytes, stop.signal));
    const retryAfter = answer.headers['retry-after'];
    return { kind: 'answered', status: answer.statusCode ?? 0, retryAfter, excerpt };
  } catch (error) {
    signal.throwIfAborted();
    return failureOf(error, { timedOut: stop.signal.aborted });
  } finally {
    stop.abort();
    clearTimeout(answerTimer);
    clearTimeout(totalTimer);
    signal.removeEventListener('abort', abort);
  }
}

function answerTo(
  { url, headers, body, addresses, ca }: Post,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  // of its own: an agent of the process may have been told of a proxy
  const agent = isTls ? new HttpsAgent({ keepAlive: false }) : new HttpAgent({ keepAlive: false });
  const send = isTls ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const request = send(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: checkedLookup(addresses),
      ca,
      signal,
    });
    // what comes after the answer, or after the end, is nobody's any more
    request.on('error', reject).on('response', resolve).end(body);
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      reject(new Error('the receiver switched protocols'));
    });
  });
}

/** Answers what was found and judged before, whatever is asked. */
function checkedLookup(addresses: LookupAddress[]): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses;
    if (all) callback(null, addresses);
    else if (first) callback(null, first.address, first.family);
  };
}

/** What comes of the body until there is enough of it, or it ends, or its time does; the status has been told by then. */
async function firstOf(answer: IncomingMessage, maxBytes: number, signal: AbortSignal): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of answer) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= maxBytes || signal.aborted) break;
    }
  } catch {
    // a body that breaks off does not take the status back
  }
  answer.destroy();
  return Buffer.concat(parts).subarray(0, maxBytes);
}
