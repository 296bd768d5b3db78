import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '../env.ts';

/** The board brings its scripts along and colours things by style attributes; it needs nothing of another host. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const ELSEWHERE = /<link\b[^>]*href="https?:[^>]*>/gi;
/** Their names change with their content. */
const STATIC_CACHE = 'private, max-age=86400';

/** What a page of the board may load, which is what this server has. */
export function boardPage() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    await next();
    if (c.res.headers.get('content-type')?.startsWith('text/html')) {
      const page = (await c.res.text()).replace(ELSEWHERE, '');
      const { status, headers } = c.res;
      const kept = new Headers(headers);
      kept.delete('content-length');
      c.res = undefined;
      c.res = new Response(page, { status, headers: kept });
    }
    if (c.req.path.includes('/static/') && c.res.ok) c.res.headers.set('Cache-Control', STATIC_CACHE);
    c.res.headers.set('Content-Security-Policy', POLICY);
  });
}
