import type { IncomingMessage } from 'node:http';
import { type AppError, InvalidError, UnavailableError } from '../../errors.ts';

export const MAX_HEADER_BYTES = 16_384;
export const MAX_HEADERS = 100;
const MAX_URL_LENGTH = 8_192;

/** What is wrong with a request before anybody looks at what it asks for; null: nothing. */
export function refusalOf({ url = '', rawHeaders, httpVersionMinor }: IncomingMessage): AppError | null {
  if (url.length > MAX_URL_LENGTH) return urlTooLong();
  if (rawHeaders.length > 2 * MAX_HEADERS)
    return new InvalidError('request.headers_too_large', `A request may have ${MAX_HEADERS} headers.`);
  const hosts = countOf(rawHeaders, 'host');
  if (hosts > 1 || (hosts === 0 && httpVersionMinor > 0))
    return malformed('A request names its host, and once.');
  return null;
}

/** What Node's parser, or its clock, found wrong on a connection. */
export function refusalOfFault(fault: Error): AppError {
  const { code, rawPacket } = fault as Error & { code?: string; rawPacket?: Buffer };
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      if (isOneLongLine(rawPacket)) return urlTooLong();
      return new InvalidError(
        'request.headers_too_large',
        `The headers are larger than ${MAX_HEADER_BYTES / 1024} KB.`,
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new InvalidError('request.too_large', 'The extensions of a chunk are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new InvalidError('request.timeout', 'The request did not come whole in time.');
    default:
      return malformed('This is not a request of HTTP/1.1 as it is written down.');
  }
}

export function tooManyConnections(): AppError {
  const message = 'There are too many connections; use those you have again, or try later.';
  return new UnavailableError('api.too_many_connections', message, { retryAfterS: 5 });
}

export function methodRefused(method: string): AppError {
  return new InvalidError('request.method_not_allowed', `Nothing here answers ${method}.`);
}

export function expectationFailed(): AppError {
  return new InvalidError('request.expectation_failed', 'Only "Expect: 100-continue" is understood.');
}

export function malformed(message: string): AppError {
  return new InvalidError('request.malformed_http', message);
}

function urlTooLong(): AppError {
  return new InvalidError('request.url_too_long', `The url is longer than ${MAX_URL_LENGTH / 1024} KB.`);
}

/** Names are compared as they come: a loop over a dozen is cheaper than any index of them. */
function countOf(rawHeaders: readonly string[], name: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const candidate = rawHeaders[i] ?? '';
    if (candidate.length === name.length && candidate.toLowerCase() === name) count += 1;
  }
  return count;
}

function isOneLongLine(packet: Buffer | undefined): boolean {
  return packet !== undefined && /^[A-Z]+ \S+$/.test(packet.toString('latin1'));
}
