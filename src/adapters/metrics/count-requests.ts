import { Counter, Histogram, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';
import { createClosedSet } from './closed-set.ts';

const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Requests to the API, by the patterns of its routes. */
export function countRequests(register: Registry): Pick<Metrics, 'requestEnded' | 'requestLimited'> {
  const routeOf = createClosedSet();
  const requests = new Counter({
    name: 'ivory_http_requests_total',
    help: 'Requests answered, by route pattern (none: no route) and status code',
    labelNames: ['method', 'route', 'status'],
    registers: [register],
  });
  const duration = new Histogram({
    name: 'ivory_http_request_duration_seconds',
    help: 'Time to the head of the answer',
    labelNames: ['method', 'route'],
    buckets: REQUEST_BUCKETS,
    registers: [register],
  });
  const limited = new Counter({
    name: 'ivory_http_limited_requests_total',
    help: 'Requests refused for coming too often, by whose limit it was',
    labelNames: ['kind'],
    registers: [register],
  });
  for (const kind of ['tenant', 'address', 'operator']) limited.inc({ kind }, 0);
  return {
    requestEnded({ method: asked, route: pattern, status, seconds }) {
      const method = METHODS.includes(asked) ? asked : 'other';
      const route = routeOf(pattern);
      requests.inc({ method, route, status });
      duration.observe({ method, route }, seconds);
    },
    requestLimited: (kind) => limited.inc({ kind }),
  };
}
