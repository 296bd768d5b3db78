import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { Deps } from '../../context.ts';
import { AppError, UnavailableError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import type { Guard } from '../limits/guard.ts';
import { createSlots } from '../limits/slots.ts';
import { renderProblem } from '../problem.ts';

/** Webhooks looked up at once for an address that has failed too often: whoever else is behind it still gets through. */
const MAX_DOUBTED = 4;

/**
 * Counts who fails to prove who they are, by address, and answers `rate.address` beyond the allowance. Who succeeds is not refused: behind one
 * proxy a stranger must not lock the others out.
 */
export function limitFailures(
  deps: Deps,
  { addresses, clients }: Guard,
  isWebhook: (path: string) => boolean,
) {
  const doubted = createSlots(MAX_DOUBTED);

  const addressOf = (c: Context<ApiEnv>) => {
    // not there where the app is called without a server
    const incoming = c.env?.incoming;
    return incoming === undefined ? null : clients.of(incoming);
  };

  const refuse = (c: Context<ApiEnv>, retryAfterS: number) => {
    deps.metrics.requestLimited('address');
    const message = `Too many requests of your address could not prove who sent them; try again in ${retryAfterS} s.`;
    return renderProblem(
      c,
      new UnavailableError('rate.address', message, { retryAfterS }),
      c.get('requestId'),
    );
  };

  return createMiddleware<ApiEnv>(async (c, next) => {
    const suspect = isWebhook(c.req.path) ? addressOf(c) : null;
    const release = suspect !== null && addresses.isSpent(suspect) ? doubted.take(suspect) : () => {};
    if (release === null) {
      c.res = refuse(c, 1);
      return;
    }
    try {
      await next();
    } finally {
      release();
    }
    if (!hasFailed(c)) return;
    const address = addressOf(c);
    const verdict = address === null ? null : addresses.take(address);
    if (verdict === null || verdict.allowed) return;
    c.res = refuse(c, verdict.retryAfterS);
    // left from the answer it was to be
    c.res.headers.delete('WWW-Authenticate');
  });
}

function hasFailed(c: Context<ApiEnv>): boolean {
  return c.res.status === 401 || (c.error instanceof AppError && c.error.code === 'webhook.forbidden');
}
