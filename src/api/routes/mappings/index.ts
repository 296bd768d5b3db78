import type { Api } from '../../env.ts';
import { listMappingsRoute } from './list.ts';
import { proposeMappingsRoute } from './propose.ts';
import { updateMappingRoute } from './update.ts';

export function mappingRoutes(app: Api): void {
  for (const route of [proposeMappingsRoute, listMappingsRoute, updateMappingRoute]) route(app);
}
