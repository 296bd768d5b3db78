import type { Deps } from '../../context.ts';
import { UnauthenticatedError } from '../../errors.ts';
import type { Api } from '../env.ts';

/** The operator's page, in Prometheus' format: it is no part of the tenants' interface and not in its reference. */
export function metricsRoute(app: Api, { metricsPage }: Deps): void {
  app.get('/metrics', async (c) => {
    if (!metricsPage.allows(c.req.header('authorization')))
      throw new UnauthenticatedError(
        'metrics.token',
        'Send METRICS_TOKEN as "Authorization: Bearer <token>".',
      );
    return c.body(await metricsPage.text(), 200, { 'Content-Type': metricsPage.contentType });
  });
}
