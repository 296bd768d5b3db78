import { createMiddleware } from 'hono/factory';
import { InvalidError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import { methodRefused } from '../limits/refused-requests.ts';

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/**
 * Refuses what no route could make sense of, before anybody is asked who they are. Throws InvalidError `request.method_not_allowed`,
 * `request.malformed_url`, `request.unsupported_encoding`.
 */
export function checkRequest() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (!METHODS.includes(c.req.method)) {
      c.header('Allow', METHODS.join(', '));
      throw methodRefused(c.req.method);
    }
    if (c.req.url.includes('%')) assertDecodes(c.req.url);
    const encoding = c.req.header('content-encoding');
    if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
      c.header('Accept-Encoding', 'identity');
      const message = 'Send the body as it is, without a Content-Encoding.';
      throw new InvalidError('request.unsupported_encoding', message);
    }
    await next();
  });
}

/** A NUL in a query is refused, for Postgres keeps none; an id with one is an unknown id. */
function assertDecodes(url: string): void {
  try {
    decodeURIComponent(url);
    if (!/\?.*%00/.test(url)) return;
  } catch {
    // said below
  }
  const message = 'The url holds a "%" that is not followed by the two digits of a byte of UTF-8 text.';
  throw new InvalidError('request.malformed_url', message);
}
