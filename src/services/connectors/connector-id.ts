import { NotFoundError } from '../../errors.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** An id that cannot be one is answered as one that is unknown. Throws NotFoundError `connector.not_found`. */
export function assertConnectorId(id: string): void {
  if (!isUuid(id)) throw connectorNotFound();
}

/** The same words for a connector that never was, that is deleted, and that is another tenant's. */
export function connectorNotFound(): NotFoundError {
  return new NotFoundError('connector.not_found', 'No connector of yours has this id.');
}
