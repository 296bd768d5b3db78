import { createRoute, z } from '@hono/zod-openapi';
import type { Deps } from '../../context.ts';
import { UnauthenticatedError } from '../../errors.ts';
import { problem } from '../contract.ts';
import type { Api } from '../env.ts';

const route = createRoute({
  method: 'get',
  path: '/metrics',
  tags: ['Operation'],
  summary: "The operator's metrics, in Prometheus' text format; a tenant's token opens nothing here",
  responses: {
    200: {
      description: 'What this process counted and what it sees of the fleet',
      content: { 'text/plain': { schema: z.string().openapi({ example: 'ivory_overdue_connectors 0\n' }) } },
    },
    401: problem(401),
  },
});

export function metricsRoute(app: Api, { metricsPage }: Deps): void {
  app.openapi(route, async (c) => {
    if (!metricsPage.allows(c.req.header('authorization')))
      throw new UnauthenticatedError(
        'metrics.token',
        'Send METRICS_TOKEN as "Authorization: Bearer <token>".',
      );
    return c.text(await metricsPage.text(), 200, { 'Content-Type': metricsPage.contentType });
  });
}
