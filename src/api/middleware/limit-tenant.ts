import { createMiddleware } from 'hono/factory';
import type { Deps } from '../../context.ts';
import { UnavailableError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import type { Guard } from '../limits/guard.ts';
import { createSlots } from '../limits/slots.ts';

const WINDOW_S = 60;

/**
 * Holds a tenant to its rate and to so many requests at once, and tells it where it stands (RateLimit headers, draft 11 of the IETF's httpapi).
 * Throws UnavailableError `rate.tenant`, `rate.concurrent`.
 */
export function limitTenant(deps: Deps, { tenants, limits }: Guard) {
  const { tenantRequestsPerMin, tenantMaxConcurrent } = limits;
  const policy = `"tenant";q=${tenantRequestsPerMin};w=${WINDOW_S}`;
  const underWay = createSlots(tenantMaxConcurrent);

  function refused(code: string, retryAfterS: number, message: string): UnavailableError {
    deps.metrics.requestLimited('tenant');
    return new UnavailableError(code, message, { retryAfterS });
  }

  return createMiddleware<ApiEnv>(async (c, next) => {
    const { tenantId } = c.get('ctx');
    const { allowed, remaining, wholeInS, retryAfterS } = tenants.take(tenantId);
    c.header('RateLimit-Policy', policy);
    c.header('RateLimit', `"tenant";r=${remaining};t=${allowed ? wholeInS : retryAfterS}`);
    if (!allowed) {
      const message = `You may send ${tenantRequestsPerMin} requests a minute; send the next one in ${retryAfterS} s.`;
      throw refused('rate.tenant', retryAfterS, message);
    }
    const release = underWay.take(tenantId);
    if (release === null) {
      const message = `You have ${tenantMaxConcurrent} requests under way; send the next one when one of them is answered.`;
      throw refused('rate.concurrent', 1, message);
    }
    try {
      await next();
    } finally {
      release();
    }
  });
}
