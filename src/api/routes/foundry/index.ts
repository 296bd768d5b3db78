import type { Api } from '../../env.ts';
import { foundrySchemaRoute } from './schema.ts';

const ROUTES = [foundrySchemaRoute];

export function foundryRoutes(app: Api): void {
  for (const route of ROUTES) route(app);
}
