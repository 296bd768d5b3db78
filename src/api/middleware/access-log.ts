import { createMiddleware } from 'hono/factory';
import type { Log } from '../../log.ts';
import type { ApiEnv } from '../env.ts';

/** One line a request: who, what, how it ended, how long it took. Never a query, a header or a body. */
export function accessLog(log: Log) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    log.info(
      {
        request_id: c.get('requestId'),
        tenant_id: c.get('ctx')?.tenantId,
        method: c.req.method,
        path: c.req.path,
        status: c.res.status,
        duration_ms: Math.round(performance.now() - startedAt),
      },
      'request',
    );
  });
}
