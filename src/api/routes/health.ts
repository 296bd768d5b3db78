import { createRoute, z } from '@hono/zod-openapi';
import type { Health } from '../../services/health/health.ts';
import { readinessForm } from '../../services/health/readiness-form.ts';
import { json } from '../contract.ts';
import type { Api } from '../env.ts';

const Alive = z.object({ status: z.literal('ok') }).openapi('Health');

const Sick = z
  .object({ status: z.literal('sick'), reason: z.string().openapi({ example: 'worker.takes_no_jobs' }) })
  .openapi('Sickness');

const Dependency = z
  .object({
    status: z.enum(['up', 'down']),
    required: z.boolean().openapi({ description: 'Whether the process is not ready while it is down.' }),
    latency_ms: z.int(),
    age_ms: z.int().openapi({ description: 'Since this was found.' }),
    error: z.string().nullable(),
    warnings: z.array(z.string()),
  })
  .openapi('Dependency');

const Readiness = z
  .object({
    status: z.enum(['ready', 'not_ready']),
    draining: z.boolean(),
    dependencies: z.record(z.string(), Dependency),
  })
  .openapi('Readiness');

const alive = createRoute({
  method: 'get',
  path: '/healthz',
  tags: ['Operation'],
  summary: 'The process works, whatever is down around it',
  responses: { 200: json(Alive, 'Alive'), 503: json(Sick, 'Only a restart helps') },
});

const ready = createRoute({
  method: 'get',
  path: '/readyz',
  tags: ['Operation'],
  summary: 'What this process needs, as it was found in the last seconds',
  responses: {
    200: json(Readiness, 'Ready'),
    503: json(Readiness, 'Something required is down, or the process is ending'),
  },
});

export function healthRoutes(app: Api, health: Health): void {
  app.openapi(alive, (c) => {
    const reason = health.sickness();
    if (reason !== null) return c.json({ status: 'sick' as const, reason }, 503);
    return c.json({ status: 'ok' as const }, 200);
  });
  app.openapi(ready, async (c) => {
    const readiness = await health.readiness();
    return c.json(readinessForm(readiness), readiness.ready ? 200 : 503);
  });
}
