import { createMiddleware } from 'hono/factory';
import type { Metrics } from '../../ports/metrics.ts';
import type { ApiEnv } from '../env.ts';
import { routePattern } from '../route-pattern.ts';

/** Counts every request once its answer has begun, and how long that took. */
export function countRequests(metrics: Metrics) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const startedAt = performance.now();
    await next();
    metrics.requestEnded({
      method: c.req.method,
      route: routePattern(c),
      status: c.res.status,
      seconds: (performance.now() - startedAt) / 1000,
    });
  });
}
