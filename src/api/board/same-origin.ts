import { createMiddleware } from 'hono/factory';
import { ForbiddenError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';

const READING: readonly string[] = ['GET', 'HEAD'];
const OWN: readonly string[] = ['same-origin', 'none'];

/** A browser sends the operator's login along whoever asks it to: what changes something is taken from the board's own pages only. */
export function sameOrigin() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { method } = c.req;
    const [site, origin, host] = ['sec-fetch-site', 'origin', 'host'].map((name) => c.req.header(name));
    if (!READING.includes(method) && !isOwn(site, origin, host))
      throw new ForbiddenError(
        'board.cross_origin',
        'Another page asked for this; the board answers its own only.',
      );
    await next();
  });
}

/** Both headers are a browser's to set; who sends neither is no browser, and nobody's login is sent along. */
function isOwn(site: string | undefined, origin: string | undefined, host: string | undefined): boolean {
  if (site !== undefined && !OWN.includes(site)) return false;
  return origin === undefined || site !== undefined || URL.parse(origin)?.host === host;
}
