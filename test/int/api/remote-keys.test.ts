import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createTokenVerifier, type VerifyToken } from '../../../src/api/token.ts';
import { AppError } from '../../../src/errors.ts';

const COOLDOWN_MS = 30_000;
const CACHE_MS = 600_000;

type KeyPair = Awaited<ReturnType<typeof generateKeyPair>>;
type Answer = (response: ServerResponse) => void;

let pairs: { one: KeyPair; two: KeyPair };
beforeAll(async () => {
  const [one, two] = await Promise.all([generatePair(), generatePair()]);
  pairs = { one, two };
});

let keyServer: Awaited<ReturnType<typeof startKeyServer>>;
let verify: VerifyToken;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  keyServer = await startKeyServer();
  verify = createTokenVerifier({ jwtSecret: null, jwksUrl: keyServer.url, issuer: null, audience: null });
});
afterEach(async () => {
  vi.useRealTimers();
  await keyServer.close();
});

function generatePair(): Promise<KeyPair> {
  return generateKeyPair('ES256', { extractable: true });
}

async function startKeyServer() {
  let answer: Answer = serve([]);
  let fetches = 0;
  const server = createServer((_request, response) => {
    fetches += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/keys`,
    fetches: () => fetches,
    answer: (next: Answer) => {
      answer = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function serve(keys: JWK[]): Answer {
  return (response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }));
}

async function jwkOf(kid: 'one' | 'two'): Promise<JWK> {
  return { ...(await exportJWK(pairs[kid].publicKey)), kid, alg: 'ES256' };
}

function tokenOf(pair: 'one' | 'two', kid: string = pair): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  return new SignJWT({ sub: 'acme', exp })
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(pairs[pair].privateKey);
}

async function outcome(token: string): Promise<string> {
  try {
    return (await verify(token)).tenantId;
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
}

const later = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe('keys of a url', () => {
  test('are fetched once for all who come, and once more when they are old', async () => {
    keyServer.answer(serve([await jwkOf('one')]));
    const token = await tokenOf('one');
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(keyServer.fetches()).toBe(1);
    later(CACHE_MS - 1_000);
    await verify(token);
    expect(keyServer.fetches()).toBe(1);
    later(2_000);
    await Promise.all(Array.from({ length: 50 }, () => verify(token)));
    expect(keyServer.fetches()).toBe(2);
  });

  test('of many unknown ids at once fetch once, and not again before the cooldown is over', async () => {
    keyServer.answer(serve([await jwkOf('one')]));
    await verify(await tokenOf('one'));
    const unknown = await Promise.all(Array.from({ length: 40 }, (_, i) => tokenOf('two', `no-${i}`)));
    const all = async () => new Set(await Promise.all(unknown.map(outcome)));
    expect(await all()).toEqual(new Set(['auth.token_invalid']));
    expect(keyServer.fetches()).toBe(1);
    later(COOLDOWN_MS + 1_000);
    expect(await all()).toEqual(new Set(['auth.token_invalid']));
    expect(keyServer.fetches()).toBe(2);
    expect(await all()).toEqual(new Set(['auth.token_invalid']));
    expect(keyServer.fetches()).toBe(2);
  });

  test('that are rotated: the new one counts after the cooldown, the removed one no longer', async () => {
    keyServer.answer(serve([await jwkOf('one')]));
    const [first, second] = [await tokenOf('one'), await tokenOf('two')];
    expect(await outcome(first)).toBe('acme');
    keyServer.answer(serve([await jwkOf('two')]));
    expect([await outcome(second), await outcome(first)]).toEqual(['auth.token_invalid', 'acme']);
    later(COOLDOWN_MS + 1_000);
    expect([await outcome(second), await outcome(first)]).toEqual(['acme', 'auth.token_invalid']);
  });

  test('that are removed without another stop counting once the cache is old', async () => {
    keyServer.answer(serve([await jwkOf('one'), await jwkOf('two')]));
    const token = await tokenOf('one');
    expect(await outcome(token)).toBe('acme');
    keyServer.answer(serve([await jwkOf('two')]));
    later(CACHE_MS + 1_000);
    expect(await outcome(token)).toBe('auth.token_invalid');
  });
});

describe('a key server', () => {
  test('that hangs makes tokens wait for seconds, not for ever, and only those whose key is not known', {
    timeout: 15_000,
  }, async () => {
    keyServer.answer(serve([await jwkOf('one')]));
    expect(await outcome(await tokenOf('one'))).toBe('acme');
    keyServer.answer(() => {});
    later(COOLDOWN_MS + 1_000);
    const waiting = outcome(await tokenOf('two'));
    expect(await outcome(await tokenOf('one'))).toBe('acme');
    expect(await waiting).toBe('auth.keys_unavailable');
  });

  test('that stops in the middle of its answer is our trouble', { timeout: 15_000 }, async () => {
    keyServer.answer((response) => void response.writeHead(200).write('{"keys":['));
    expect(await outcome(await tokenOf('one'))).toBe('auth.keys_unavailable');
  });

  test('that never stops sending is cut off', { timeout: 15_000 }, async () => {
    let ended: () => void = () => {};
    const cut = new Promise<void>((resolve) => {
      ended = resolve;
    });
    keyServer.answer((response) => {
      const send = () => {
        while (response.write(' '.repeat(65_536)));
      };
      response.writeHead(200).on('drain', send).on('close', ended);
      send();
    });
    expect(await outcome(await tokenOf('one'))).toBe('auth.keys_unavailable');
    await cut;
  });

  test('that sends elsewhere is not followed', async () => {
    keyServer.answer((response) => void response.writeHead(302, { location: `${keyServer.url}/x` }).end());
    expect(await outcome(await tokenOf('one'))).toBe('auth.keys_unavailable');
    expect(keyServer.fetches()).toBe(1);
  });

  test.each([
    ['no key', []],
    [
      'a secret under the id',
      [{ kty: 'oct', k: Buffer.alloc(32, 7).toString('base64url'), kid: 'one', alg: 'HS256' }],
    ],
    ['a key of another kind under the id', [{ kty: 'RSA', n: 'AQAB', e: 'AQAB', kid: 'one', alg: 'RS256' }]],
  ])('that answers %s lets nobody in', async (_name, keys) => {
    keyServer.answer(serve(keys));
    expect(await outcome(await tokenOf('one'))).toBe('auth.token_invalid');
    const secret = new TextEncoder().encode(Buffer.alloc(32, 7).toString());
    const forged = await new SignJWT({ sub: 'acme', exp: Math.floor(Date.now() / 1000) + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(secret);
    expect(await outcome(forged)).toBe('auth.token_invalid');
  });

  test.each([
    ['another key under the id', async () => [{ ...(await jwkOf('two')), kid: 'one' }], 'auth.token_invalid'],
    [
      'a broken key under the id',
      async () => [{ ...(await jwkOf('one')), x: 'AAAA' }],
      'auth.keys_unavailable',
    ],
    ['the key twice', async () => [await jwkOf('one'), await jwkOf('one')], 'auth.token_invalid'],
  ])('that answers %s lets nobody in either', async (_name, keys, code) => {
    keyServer.answer(serve(await keys()));
    expect(await outcome(await tokenOf('one'))).toBe(code);
  });

  test('that recovers is believed at once', async () => {
    keyServer.answer((response) => void response.writeHead(500).end());
    expect(await outcome(await tokenOf('one'))).toBe('auth.keys_unavailable');
    keyServer.answer(serve([await jwkOf('one')]));
    expect(await outcome(await tokenOf('one'))).toBe('acme');
  });
});
