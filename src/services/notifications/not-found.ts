import { ConflictError, NotFoundError } from '../../errors.ts';
import { isUuid } from '../connectors/connector-id.ts';

/** An id that cannot be one is answered as one that is unknown. Throws NotFoundError `notification.endpoint_not_found`. */
export function assertEndpointId(id: string): void {
  if (!isUuid(id)) throw endpointNotFound();
}

export function endpointNotFound(): NotFoundError {
  return new NotFoundError('notification.endpoint_not_found', 'No endpoint of yours has this id.');
}

/** Throws NotFoundError `notification.delivery_not_found`. */
export function assertDeliveryId(id: string): void {
  if (!isUuid(id)) throw deliveryNotFound();
}

export function deliveryNotFound(): NotFoundError {
  return new NotFoundError('notification.delivery_not_found', 'No delivery of yours has this id.');
}

export function endpointInactive(): ConflictError {
  return new ConflictError(
    'notification.endpoint_inactive',
    'The endpoint is switched off: PATCH it with {"active": true} first.',
  );
}
