import type { Api } from '../../env.ts';
import { foundryFeedbackRoutes } from './feedback.ts';
import { foundryQueryRoute } from './query.ts';
import { foundrySchemaRoute } from './schema.ts';
import { foundryVerifiedRoutes } from './verified.ts';

const ROUTES = [foundryQueryRoute, foundrySchemaRoute, foundryVerifiedRoutes, foundryFeedbackRoutes];

export function foundryRoutes(app: Api): void {
  for (const route of ROUTES) route(app);
}
