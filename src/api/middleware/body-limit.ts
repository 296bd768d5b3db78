import { bodyLimit } from 'hono/body-limit';
import { InvalidError } from '../../errors.ts';

export const MAX_BODY_BYTES = 1_048_576;

/** Throws InvalidError `request.too_large` beyond 1 MB, whatever the length header says. */
export function limitBody() {
  return bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new InvalidError('request.too_large', 'The body is larger than 1 MB.');
    },
  });
}
