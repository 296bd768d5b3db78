import { createMiddleware } from 'hono/factory';
import { answerOnce } from '../../services/idempotency/answer-once.ts';
import type { ApiEnv } from '../env.ts';

/** A POST with an Idempotency-Key is answered once; the same request again gets the same answer, marked `Idempotency-Replayed`. */
export function idempotency() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (key === undefined || c.req.method !== 'POST') return next();
    const { pathname, search } = new URL(c.req.url);
    const request = [c.req.method, pathname + search, new Uint8Array(await c.req.arrayBuffer())];
    const ctx = c.get('ctx');
    const once = await answerOnce(ctx, { key, request }, async (newId) => {
      c.set('ctx', { ...ctx, newId });
      await next();
      return { status: c.res.status, body: await c.res.clone().text(), final: c.res.status < 500 };
    });
    if (once.replayed) return replayed(once);
  });
}

function replayed({ status, body }: { status: number; body: string }): Response {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  const headers = { 'Content-Type': type, 'Idempotency-Replayed': 'true' };
  return new Response(body, { status, headers });
}
