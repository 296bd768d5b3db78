import { createMiddleware } from 'hono/factory';
import type { Tracing } from '../../ports/tracing.ts';
import type { ApiEnv } from '../env.ts';
import { routePattern } from '../route-pattern.ts';

/** A span around every request, in the trace its client names. It tells the route's pattern, never a path, a query or a header. */
export function traceRequests(tracing: Tracing) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const { method } = c.req;
    const parent = c.req.header('traceparent') ?? null;
    const attributes = { 'http.request.method': method, 'ivory.request_id': c.get('requestId') };
    await tracing.span(method, { kind: 'server', parent, attributes }, async (span) => {
      await next();
      const route = routePattern(c);
      span.rename(`${method} ${route}`);
      const tenant = c.get('ctx')?.tenantId;
      const { status } = c.res;
      span.set({ 'http.route': route, 'http.response.status_code': status, 'ivory.tenant_id': tenant });
      if (status >= 500) span.fail(String(status));
    });
  });
}
