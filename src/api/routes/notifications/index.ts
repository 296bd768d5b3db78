import type { Api } from '../../env.ts';
import { removeEndpointRoute, updateEndpointRoute } from './change-endpoint.ts';
import { createEndpointRoute } from './create-endpoint.ts';
import { getDeliveryRoute, listDeliveriesRoute } from './deliveries.ts';
import { messageDocumentation } from './messages.ts';
import { getEndpointRoute, listEndpointsRoute } from './read-endpoints.ts';
import { rotateSecretRoute } from './rotate-secret.ts';
import { redeliverRoute, testEndpointRoute } from './send.ts';

const ROUTES = [
  createEndpointRoute,
  listEndpointsRoute,
  getEndpointRoute,
  updateEndpointRoute,
  removeEndpointRoute,
  rotateSecretRoute,
  testEndpointRoute,
  listDeliveriesRoute,
  getDeliveryRoute,
  redeliverRoute,
  messageDocumentation,
];

export function notificationRoutes(app: Api): void {
  for (const route of ROUTES) route(app);
}
