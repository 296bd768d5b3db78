import { createMiddleware } from 'hono/factory';
import { contextFor, type Deps } from '../../context.ts';
import { ForbiddenError, UnauthenticatedError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import type { Identity, VerifyToken } from '../token.ts';

const READ_METHODS = ['GET', 'HEAD'];

/** Lets through whoever brings a good token, and leaves `ctx` with its tenant. */
export function authenticate(deps: Deps, verify: VerifyToken) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const identity = await verify(bearerToken(c.req.header('authorization')));
    assertScope(identity, c.req.method);
    const { tenantId } = identity;
    c.set('ctx', contextFor(deps, { tenantId, actor: `user:${tenantId}`, requestId: c.get('requestId') }));
    await next();
  });
}

function bearerToken(header: string | undefined): string {
  const token = /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
  if (!token) {
    throw new UnauthenticatedError(
      'auth.missing',
      'Send the access token as "Authorization: Bearer <token>".',
    );
  }
  return token;
}

/** No scope: everything. `write`: everything. `read`: reading. Any other: nothing. */
function assertScope({ scopes }: Identity, method: string): void {
  if (scopes === null || scopes.includes('write')) return;
  if (scopes.includes('read') && READ_METHODS.includes(method)) return;
  throw new ForbiddenError('auth.scope', 'The scope of the token does not allow this request.');
}
