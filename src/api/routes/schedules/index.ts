import type { Api } from '../../env.ts';
import { connectorScheduleRoute } from './connector.ts';
import { previewScheduleRoute } from './preview.ts';

export function scheduleRoutes(app: Api): void {
  for (const route of [connectorScheduleRoute, previewScheduleRoute]) route(app);
}
