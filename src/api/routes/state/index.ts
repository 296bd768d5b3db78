import type { Api } from '../../env.ts';
import { getStateRoute } from './get.ts';
import { stateHistoryRoute } from './history.ts';
import { putStateRoute } from './put.ts';
import { rollbackStateRoute } from './rollback.ts';

export function stateRoutes(app: Api): void {
  for (const route of [getStateRoute, putStateRoute, stateHistoryRoute, rollbackStateRoute]) route(app);
}
