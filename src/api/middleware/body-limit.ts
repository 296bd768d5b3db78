import { createMiddleware } from 'hono/factory';
import { InvalidError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import { announcedLength } from '../limits/announced-length.ts';

export const MAX_BODY_BYTES = 1_048_576;
/** So much more is read and thrown away, so that a client still sending gets to hear the answer. */
const MAX_DISCARDED_BYTES = 16 * MAX_BODY_BYTES;

/** Throws InvalidError `request.too_large` beyond 1 MB, whatever the length header says. */
export function limitBody() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const length = announcedLength(c);
    if (length === 'unknown') {
      const read = await readBounded(c.req.raw.body);
      if (read.endsEarly) c.header('Connection', 'close');
      if (read.bytes === null) throw tooLarge();
      c.req.raw = new Request(c.req.raw, { body: read.bytes });
    } else if (length > MAX_BODY_BYTES) throw tooLarge();
    await next();
  });
}

/** bytes null: there were more than may be. */
async function readBounded(body: ReadableStream<Uint8Array> | null) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  let endsEarly = false;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
    endsEarly = size > MAX_DISCARDED_BYTES;
    if (endsEarly) break;
  }
  return { bytes: size > MAX_BODY_BYTES ? null : Buffer.concat(chunks), endsEarly };
}

function tooLarge(): InvalidError {
  return new InvalidError('request.too_large', 'The body is larger than 1 MB.');
}
