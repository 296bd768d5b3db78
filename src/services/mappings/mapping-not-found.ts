import { NotFoundError } from '../../errors.ts';

/** In the same words wherever a mapping is asked for. */
export function mappingNotFound(): NotFoundError {
  return new NotFoundError('mapping.not_found', 'This connector has no mapping with this id.');
}
