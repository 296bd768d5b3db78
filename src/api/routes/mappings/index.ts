import type { Api } from '../../env.ts';
import { approveMappingsRoute } from './approve.ts';
import { mappingHistoryRoutes } from './history.ts';
import { getMappingJobRoute } from './job.ts';
import { listMappingsRoute } from './list.ts';
import { proposeMappingsRoute } from './propose.ts';
import { removeMappingRoute } from './remove.ts';
import { updateMappingRoute } from './update.ts';

const ROUTES = [
  proposeMappingsRoute,
  listMappingsRoute,
  approveMappingsRoute,
  mappingHistoryRoutes,
  updateMappingRoute,
  removeMappingRoute,
  getMappingJobRoute,
];

export function mappingRoutes(app: Api): void {
  for (const route of ROUTES) route(app);
}
