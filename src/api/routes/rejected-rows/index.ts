import type { Api } from '../../env.ts';
import { listRejectedRowsRoute } from './list.ts';
import { replayRejectedRowsRoute } from './replay.ts';

export function rejectedRowRoutes(app: Api): void {
  for (const route of [listRejectedRowsRoute, replayRejectedRowsRoute]) route(app);
}
