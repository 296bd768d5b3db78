import { NotFoundError } from '../../errors.ts';
import { isUuid } from '../connectors/connector-id.ts';

/** An id that cannot be one is answered as one that is unknown. Throws NotFoundError `run.not_found`. */
export function assertRunId(id: string): void {
  if (!isUuid(id)) throw runNotFound();
}

export function runNotFound(): NotFoundError {
  return new NotFoundError('run.not_found', 'This connector has no run with this id.');
}
