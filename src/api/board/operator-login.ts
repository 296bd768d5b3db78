import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { UnauthenticatedError, UnavailableError } from '../../errors.ts';
import type { ApiEnv } from '../env.ts';
import type { ClientAddresses } from '../limits/client-address.ts';
import { renderProblem } from '../problem.ts';
import { createLoginThrottle } from './login-throttle.ts';

export const OPERATOR = 'operator';

const CHALLENGE = 'Basic realm="Ivory operator", charset="UTF-8"';

export interface LoginOptions {
  password: string;
  clients: Pick<ClientAddresses, 'of'>;
  onThrottled?(): void;
}

/** Lets in who knows the operator's name and password. How long it takes says nothing of which was wrong, nor of how much of it. */
export function operatorLogin({ password, clients, onThrottled = () => {} }: LoginOptions) {
  const expected = [digest(OPERATOR), digest(password)] as const;
  const throttle = createLoginThrottle();
  return createMiddleware<ApiEnv>(async (c, next) => {
    const address = (c.env?.incoming && clients.of(c.env.incoming)) ?? 'unknown';
    const waitS = throttle.waitS(address);
    if (waitS !== null) {
      onThrottled();
      const message = `Too many failed log-ins of your address; try again in ${waitS} s.`;
      return renderProblem(
        c,
        new UnavailableError('board.too_many_failures', message, { retryAfterS: waitS }),
        c.get('requestId'),
      );
    }
    const header = c.req.header('authorization');
    if (header === undefined) return challenge(c);
    if (!isOperator(header, expected)) {
      throttle.failed(address);
      return challenge(c);
    }
    throttle.succeeded(address);
    return next();
  });
}

function isOperator(header: string, [name, secret]: readonly [Buffer, Buffer]): boolean {
  const [, encoded = ''] = /^Basic +([\w+/=-]+)$/i.exec(header) ?? [];
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const isName = timingSafeEqual(digest(text.slice(0, Math.max(colon, 0))), name);
  const isSecret = timingSafeEqual(digest(text.slice(colon + 1)), secret);
  return isName && isSecret;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function challenge(c: Context<ApiEnv>): Response {
  const message = `Log in as ${OPERATOR} with OPERATOR_PASSWORD.`;
  const response = renderProblem(c, new UnauthenticatedError('board.login', message), c.get('requestId'));
  response.headers.set('WWW-Authenticate', CHALLENGE);
  return response;
}
