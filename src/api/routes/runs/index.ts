import type { Api } from '../../env.ts';
import type { StreamSlots } from '../../stream-slots.ts';
import { cancelRunRoute } from './cancel.ts';
import { getRunRoute } from './get.ts';
import { listRunsRoute } from './list.ts';
import { runLogRoute } from './log.ts';

export function runRoutes(app: Api, slots: StreamSlots, closing: AbortSignal): void {
  for (const route of [listRunsRoute, getRunRoute, cancelRunRoute]) route(app);
  runLogRoute(app, slots, closing);
}
