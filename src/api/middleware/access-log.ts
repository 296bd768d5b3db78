import { createMiddleware } from 'hono/factory';
import type { Deps } from '../../context.ts';
import { traceIdOf } from '../../ports/tracing.ts';
import type { ApiEnv } from '../env.ts';
import { routePattern } from '../route-pattern.ts';

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** One line a request: who, what, how it ended, how long it took. Never a query, a header or a body; of the path its pattern and its ids. */
export function accessLog({ log, tracing }: Deps) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    const { method } = c.req;
    const who = { tenant_id: c.get('ctx')?.tenantId, request_id: c.get('requestId') };
    const what = { method, path: shownPath(routePattern(c), c.req.path) };
    const isGone = c.req.raw.signal.aborted;
    log.info(
      {
        event: 'request.ended',
        ...who,
        trace_id: traceIdOf(tracing.current()),
        ...what,
        status: c.res.status,
        ...(isGone ? { client_gone: true } : {}),
        duration_ms: Math.round(performance.now() - startedAt),
      },
      'request',
    );
  });
}

/** The route with the ids that were asked for in it: what else a client puts into a path may be anything. */
function shownPath(route: string, path: string): string {
  const asked = path.split('/');
  const parts = route.split('/');
  if (parts.length !== asked.length) return route;
  return parts.map((part, at) => (ID.test(asked[at] ?? '') ? asked[at] : part)).join('/');
}
