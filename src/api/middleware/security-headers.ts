import { createMiddleware } from 'hono/factory';
import type { ApiEnv } from '../env.ts';
import type { ClientAddresses } from '../limits/client-address.ts';

/** Of every answer: nothing of the API belongs in a cache, a frame, a script or another origin's page. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  // the reference page brings its own styles
  'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
};

const HSTS = 'max-age=31536000; includeSubDomains';
const HEADERS = Object.entries(SECURITY_HEADERS);

/** What an answer has set itself stays, such as a page's own policy. HSTS where a trusted proxy says that it was reached over TLS. */
export function securityHeaders(clients: Pick<ClientAddresses, 'isSecure'>) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    await next();
    const { headers } = c.res;
    for (const [name, value] of HEADERS)
      if (!headers.has(name) && !isOwn(c.req.path, name)) headers.set(name, value);
    const incoming = c.env?.incoming;
    if (incoming && clients.isSecure(incoming)) headers.set('Strict-Transport-Security', HSTS);
  });
}

/** The dashboard is a page with scripts and says itself what it may load. */
function isOwn(path: string, name: string): boolean {
  return name === 'Content-Security-Policy' && path.startsWith('/admin/');
}
