import { isUtf8 } from 'node:buffer';
import { createMiddleware } from 'hono/factory';
import { InvalidError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import { announcedLength } from '../limits/announced-length.ts';
import { type ShapeLimits, shapeFault } from '../limits/json-shape.ts';

const LIMITS: ShapeLimits = { depth: 64, members: 50_000 };
/** A tap's state may be as it likes: the routes that take one bound it themselves, in words about the state, and once they know who sends it. */
const TAKES_STATE = /\/(?:webhook|state)$/;

/**
 * Looks at a body before it is parsed: text in UTF-8, neither deep nor endless. Throws InvalidError `request.malformed_text`, `request.too_deep`,
 * `request.too_many_members`.
 */
export function checkBody() {
  return createMiddleware<ApiEnv>(async (c, next) => {
    if (announcedLength(c) !== 0) {
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      if (!isUtf8(bytes)) throw new InvalidError('request.malformed_text', 'The body is no text in UTF-8.');
      if (!TAKES_STATE.test(c.req.path)) assertShape(bytes);
    }
    await next();
  });
}

function assertShape(bytes: Uint8Array): void {
  const fault = shapeFault(bytes, LIMITS);
  if (fault === 'too_deep')
    throw new InvalidError('request.too_deep', `The body is nested deeper than ${LIMITS.depth} levels.`);
  if (fault === 'too_many_members')
    throw new InvalidError('request.too_many_members', `The body has more than ${LIMITS.members} members.`);
}
