import { createRoute, z } from '@hono/zod-openapi';
import type { Deps } from '../../context.ts';
import { checkReadiness, type DependencyHealth } from '../../services/health/readiness.ts';
import { json } from '../contract.ts';
import type { Api } from '../env.ts';

const Health = z.object({ status: z.literal('ok') }).openapi('Health');

const Dependency = z
  .object({ status: z.enum(['up', 'down']), latency_ms: z.int(), error: z.string().nullable() })
  .openapi('Dependency');

const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    dependencies: z.object({ database: Dependency, queue: Dependency, lakehouse: Dependency }),
  })
  .openapi('Readiness');

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'The process answers',
  responses: { 200: json(Health, 'Alive') },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'Every dependency answers, the database to a write',
  responses: { 200: json(Readiness, 'Ready'), 503: json(Readiness, 'A dependency is down') },
});

export function healthRoutes(app: Api, deps: Deps): void {
  app.openapi(alive, (c) => c.json({ status: 'ok' as const }, 200));
  app.openapi(ready, async (c) => {
    const { ready, dependencies } = await checkReadiness(deps);
    const { database, queue, lakehouse } = dependencies;
    const shown = { database: shownAs(database), queue: shownAs(queue), lakehouse: shownAs(lakehouse) };
    if (ready) return c.json({ status: 'ready' as const, dependencies: shown }, 200);
    return c.json({ status: 'not_ready' as const, dependencies: shown }, 503);
  });
}

function shownAs({ status, latencyMs, error }: DependencyHealth): z.infer<typeof Dependency> {
  return { status, latency_ms: latencyMs, error };
}
