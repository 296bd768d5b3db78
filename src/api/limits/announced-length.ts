import type { Context } from 'hono';
import type { ApiEnv } from '../env.ts';

/** Bytes of the body as the request says; `unknown` where it comes in chunks. 0: there is none. */
export function announcedLength({ req, env }: Context<ApiEnv>): number | 'unknown' {
  const { headers } = req.raw;
  if (headers.has('transfer-encoding')) return 'unknown';
  const length = headers.get('content-length');
  if (length !== null) return Number(length);
  // Node's parser gives no body that is not announced; a Request made by hand has one nevertheless
  return env?.incoming === undefined && req.raw.body !== null ? 'unknown' : 0;
}
