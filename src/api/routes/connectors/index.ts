import type { Api } from '../../env.ts';
import { askSourceRoutes } from './ask-source.ts';
import { createConnectorRoute } from './create.ts';
import { getConnectorRoute } from './get.ts';
import { listConnectorsRoute } from './list.ts';
import { pauseConnectorRoute } from './pause.ts';
import { removeConnectorRoute } from './remove.ts';
import { resumeConnectorRoute } from './resume.ts';
import { getTaskRoute } from './task.ts';
import { triggerConnectorRoute } from './trigger.ts';
import { updateConnectorRoute } from './update.ts';

const ROUTES = [
  createConnectorRoute,
  listConnectorsRoute,
  getConnectorRoute,
  updateConnectorRoute,
  triggerConnectorRoute,
  pauseConnectorRoute,
  resumeConnectorRoute,
  removeConnectorRoute,
  askSourceRoutes,
  getTaskRoute,
];

export function connectorRoutes(app: Api): void {
  for (const route of ROUTES) route(app);
}
