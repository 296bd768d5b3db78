import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AuthOptions, createTokenVerifier, signToken } from '../../../src/api/token.ts';
import { AppError } from '../../../src/errors.ts';

const SECRET = 'a-secret-of-at-least-32-characters!!';
const HS: AuthOptions = { jwtSecret: SECRET, jwksUrl: null, issuer: null, audience: null };
const key = (text: string) => new TextEncoder().encode(text);
const now = () => Math.floor(Date.now() / 1000);

function sign(payload: JWTPayload, { secret = SECRET, alg = 'HS256' } = {}): Promise<string> {
  return new SignJWT({ exp: now() + 300, ...payload }).setProtectedHeader({ alg }).sign(key(secret));
}

function unsigned(header: object, payload: object, signature = ''): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(payload)}.${signature}`;
}

async function outcome(token: string, auth: AuthOptions = HS): Promise<string> {
  try {
    return (await createTokenVerifier(auth)(token)).tenantId;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

describe('a secret', () => {
  test('a good token names its tenant and may do everything', async () => {
    const verify = createTokenVerifier(HS);
    expect(await verify(await sign({ sub: 'acme' }))).toEqual({ tenantId: 'acme', scopes: null });
    expect(await verify(await sign({ sub: 'acme', scope: 'read  write' }))).toEqual({
      tenantId: 'acme',
      scopes: ['read', 'write'],
    });
  });

  test('what signToken signs is accepted', async () => {
    const auth = { ...HS, issuer: 'https://id', audience: 'ivory' };
    const token = await signToken(SECRET, {
      tenantId: 'acme',
      ttlS: 60,
      issuer: 'https://id',
      audience: 'ivory',
    });
    expect(await outcome(token, auth)).toBe('acme');
  });

  test.each([
    ['of another secret', () => sign({ sub: 'acme' }, { secret: 'another-secret-of-at-least-32-chars' })],
    ['of another algorithm', () => sign({ sub: 'acme' }, { alg: 'HS512' })],
    ['without exp', () => sign({ sub: 'acme', exp: undefined })],
    ['with an exp that is a text', () => sign({ sub: 'acme', exp: '9999999999' as unknown as number })],
    ['with an exp that is null', () => sign({ sub: 'acme', exp: null as unknown as number })],
    ['with an iat that is a text', () => sign({ sub: 'acme', iat: 'now' as unknown as number })],
    ['issued in the future', () => sign({ sub: 'acme', iat: now() + 120 })],
    ['not valid yet', () => sign({ sub: 'acme', nbf: now() + 120 })],
    ['without sub', () => sign({})],
    ['with an empty sub', () => sign({ sub: '' })],
    ['with a sub that has a space', () => sign({ sub: 'ac me' })],
    ['with a sub that has a quote', () => sign({ sub: "acme'--" })],
    ['with a sub too long', () => sign({ sub: 'a'.repeat(129) })],
    ['with a sub that is a number', () => sign({ sub: 7 as unknown as string })],
    ['with a sub that is null', () => sign({ sub: null as unknown as string })],
    ['with a sub that is true', () => sign({ sub: true as unknown as string })],
    ['with a sub that ends in a line break', () => sign({ sub: 'acme\n' })],
    ['with a sub that holds NUL', () => sign({ sub: 'acme\u0000' })],
    ['with a sub of letters that only look alike', () => sign({ sub: '\u0430cme' })],
    ['with a sub that is a path', () => sign({ sub: '../acme' })],
    ['with a sub that is a list', () => sign({ sub: ['acme'] as unknown as string })],
    ['with a sub that is an object', () => sign({ sub: { toString: 'acme' } as unknown as string })],
    ['with a scope that is a list', () => sign({ sub: 'acme', scope: ['read'] })],
    ['alg none', async () => unsigned({ alg: 'none' }, { sub: 'acme', exp: now() + 300 })],
    [
      'alg none under a good signature',
      async () => {
        const [, , signature] = (await sign({ sub: 'acme' })).split('.');
        return unsigned({ alg: 'none' }, { sub: 'acme', exp: now() + 300 }, signature);
      },
    ],
    [
      'whose payload was exchanged',
      async () => {
        const [, , signature] = (await sign({ sub: 'acme' })).split('.');
        return unsigned({ alg: 'HS256' }, { sub: 'rival', exp: now() + 300 }, signature);
      },
    ],
    [
      'with a critical header nobody knows',
      async () => unsigned({ alg: 'HS256', crit: ['x'], x: 1 }, { sub: 'acme', exp: now() + 300 }),
    ],
    ['alg None', async () => unsigned({ alg: 'None' }, { sub: 'acme', exp: now() + 300 })],
    ['that is none', async () => 'not.a.token'],
    ['that is empty', async () => ''],
    ['that is huge', async () => 'a'.repeat(100_000)],
  ])('a token %s is refused', async (_name, token) => {
    expect(await outcome(await token())).toBe('auth.token_invalid');
  });

  test('an expired token is refused once the 60 s of skew are over', async () => {
    expect(await outcome(await sign({ sub: 'acme', exp: now() - 50 }))).toBe('acme');
    expect(await outcome(await sign({ sub: 'acme', exp: now() - 70 }))).toBe('auth.token_expired');
  });

  test('nbf and iat may be ahead by the same skew', async () => {
    expect(await outcome(await sign({ sub: 'acme', nbf: now() + 50, iat: now() + 50 }))).toBe('acme');
  });

  test('a sub may be 128 characters long', async () => {
    expect(await outcome(await sign({ sub: 'a'.repeat(128) }))).toBe('a'.repeat(128));
  });

  test('issuer and audience count when they are configured', async () => {
    const auth = { ...HS, issuer: 'https://id', audience: 'ivory' };
    expect(await outcome(await sign({ sub: 'acme', iss: 'https://id', aud: ['x', 'ivory'] }), auth)).toBe(
      'acme',
    );
    expect(await outcome(await sign({ sub: 'acme', iss: 'https://id', aud: 'x' }), auth)).toBe(
      'auth.token_invalid',
    );
    expect(await outcome(await sign({ sub: 'acme', iss: 'https://other', aud: 'ivory' }), auth)).toBe(
      'auth.token_invalid',
    );
    expect(await outcome(await sign({ sub: 'acme' }), auth)).toBe('auth.token_invalid');
  });

  test('with neither secret nor key url no token counts', async () => {
    expect(await outcome(await sign({ sub: 'acme' }), { ...HS, jwtSecret: null })).toBe('auth.token_invalid');
  });
});

describe('a key url', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true });
  const other = await generateKeyPair('RS256');
  let server: Server;
  let fetches = 0;
  let answer: () => { status: number; body: string };
  let auth: AuthOptions;

  beforeAll(async () => {
    const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one', alg: 'RS256' }] });
    answer = () => ({ status: 200, body: keys });
    server = createServer((_request, response) => {
      fetches += 1;
      const { status, body } = answer();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    auth = { ...HS, jwksUrl: `http://127.0.0.1:${port}/keys` };
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const rs = (kid: string, pair = privateKey) =>
    new SignJWT({ sub: 'acme', exp: now() + 300 }).setProtectedHeader({ alg: 'RS256', kid }).sign(pair);

  test('a token of a key in the set is accepted', async () => {
    expect(await outcome(await rs('one'), auth)).toBe('acme');
  });

  test('fifty tokens at once fetch the keys once, and unknown key ids do not fetch again', async () => {
    const verify = createTokenVerifier(auth);
    fetches = 0;
    const token = await rs('one');
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(fetches).toBe(1);
    const unknown = await Promise.allSettled(
      Array.from({ length: 20 }, async (_, i) => verify(await rs(`no-${i}`))),
    );
    expect(unknown.every(({ status }) => status === 'rejected')).toBe(true);
    expect(fetches).toBe(1);
  });

  test.each([
    ['of an unknown key id', () => rs('two')],
    ['of another key under a known id', () => rs('one', other.privateKey)],
    ['signed with the configured secret', () => sign({ sub: 'acme' })],
    [
      'signed with the public key as a secret',
      async () => sign({ sub: 'acme' }, { secret: await exportSPKI(publicKey) }),
    ],
    ['alg none', async () => unsigned({ alg: 'none', kid: 'one' }, { sub: 'acme', exp: now() + 300 })],
  ])('a token %s is refused', async (_name, token) => {
    expect(await outcome(await token(), auth)).toBe('auth.token_invalid');
  });

  test.each([
    ['fails', { status: 500, body: '' }],
    ['answers no JSON', { status: 200, body: '<html>' }],
    ['answers no key set', { status: 200, body: '{}' }],
  ])('a key server that %s is our trouble, not the caller’s', async (_name, broken) => {
    const good = answer;
    answer = () => broken;
    expect(await outcome(await rs('one'), auth)).toBe('auth.keys_unavailable');
    answer = good;
  });

  test('a key server that is gone is our trouble too', async () => {
    expect(await outcome(await rs('one'), { ...auth, jwksUrl: 'http://127.0.0.1:9/keys' })).toBe(
      'auth.keys_unavailable',
    );
  });
});
