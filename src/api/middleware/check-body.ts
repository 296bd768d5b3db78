import { isUtf8 } from 'node:buffer';
import { createMiddleware } from 'hono/factory';
import { InvalidError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import { announcedLength } from '../limits/announced-length.ts';
import { type ShapeLimits, shapeFault } from '../limits/json-shape.ts';

const USUAL: ShapeLimits = { depth: 64, members: 50_000 };
/** A tap's state may be as deep as its tap likes; the routes that take one bound it themselves, in words about the state. */
const WITH_STATE: ShapeLimits = { ...USUAL, depth: 1_000 };
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
      assertShape(bytes, TAKES_STATE.test(c.req.path) ? WITH_STATE : USUAL);
    }
    await next();
  });
}

function assertShape(bytes: Uint8Array, limits: ShapeLimits): void {
  const fault = shapeFault(bytes, limits);
  if (fault === 'too_deep')
    throw new InvalidError('request.too_deep', `The body is nested deeper than ${limits.depth} levels.`);
  if (fault === 'too_many_members')
    throw new InvalidError('request.too_many_members', `The body has more than ${limits.members} members.`);
}
