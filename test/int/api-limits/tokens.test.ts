import { createHmac, generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../../src/api/serve.ts';
import { createServed, jsonOf, LIST, SECRET, type Served } from './served.ts';

let served: Served;
let keys: Server;
let byKeys: ApiServer;
let bySecret: ApiServer;
let asked: string[];
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
beforeAll(async () => {
  served = await createServed();
  asked = [];
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'ours', alg: 'RS256', use: 'sig' };
  keys = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => keys.once('listening', resolve));
  const jwksUrl = `${keyServer()}/keys`;
  byKeys = await served.serve({ auth: { jwtSecret: null, jwksUrl, issuer: null, audience: null } });
  bySecret = await served.serve();
});
afterAll(async () => {
  await served.close();
  keys.closeAllConnections();
  await new Promise((resolve) => keys.close(resolve));
});

const keyServer = () => `http://127.0.0.1:${(keys.address() as AddressInfo).port}`;
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = () => ({ sub: 'acme', exp: Math.floor(Date.now() / 1000) + 600 });

/** A token whose header says anything, signed with HMAC under any text; no signature where there is none. */
function forged(header: Record<string, unknown>, secret: string | null, payload: unknown = claims()): string {
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${secret === null ? '' : createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

function signedBy(key: typeof privateKey, header: Record<string, unknown>): Promise<string> {
  return new SignJWT(claims()).setProtectedHeader({ alg: 'RS256', ...header }).sign(key);
}

async function answerTo(server: ApiServer, token: string): Promise<[number, unknown]> {
  const response = await fetch(`${server.url}${LIST}`, { headers: { authorization: `Bearer ${token}` } });
  return [response.status, (await jsonOf(response))['code']];
}

const REFUSED = [401, 'auth.token_invalid'];

describe('a token', () => {
  test('that is good opens the door it was made for', async () => {
    expect((await answerTo(bySecret, forged({ alg: 'HS256' }, SECRET)))[0]).toBe(200);
    expect((await answerTo(byKeys, await signedBy(privateKey, { kid: 'ours' })))[0]).toBe(200);
  });

  test.each(['none', 'None', 'NONE', 'nOnE', '', 'HS384', 'HS512', 'RS256', 'hs256', 'ES256', 'dir'])(
    'of the algorithm "%s" is refused by a secret, signed or not',
    async (alg) => {
      expect(await answerTo(bySecret, forged({ alg }, null))).toEqual(REFUSED);
      expect(await answerTo(bySecret, forged({ alg }, SECRET))).toEqual(REFUSED);
    },
  );

  test('signed with the public key as if it were a secret is refused', async () => {
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const der = publicKey.export({ type: 'spki', format: 'der' }).toString('latin1');
    for (const secret of [pem, pem.trim(), der, JSON.stringify(await exportJWK(publicKey))])
      for (const alg of ['HS256', 'RS256', 'none'])
        expect(await answerTo(byKeys, forged({ alg, kid: 'ours' }, secret))).toEqual(REFUSED);
  });

  test.each(['../../../../dev/null', "ours' or '1'='1", 'ours\0', '', 'a'.repeat(4_000)])(
    'whose key id plays tricks is refused: %s',
    async (kid) => {
      expect(await answerTo(byKeys, forged({ alg: 'HS256', kid }, ''))).toEqual(REFUSED);
      expect(await answerTo(byKeys, await signedBy(stranger.privateKey, { kid }))).toEqual(REFUSED);
    },
  );

  test('that brings its own key, or says where one is, is judged by ours alone', async () => {
    const jwk = await exportJWK(stranger.publicKey);
    const before = asked.length;
    for (const own of [{ jwk }, { jku: `${keyServer()}/evil` }, { x5u: `${keyServer()}/evil` }])
      expect(await answerTo(byKeys, await signedBy(stranger.privateKey, { kid: 'ours', ...own }))).toEqual(
        REFUSED,
      );
    expect(asked.slice(before).filter((url) => url !== '/keys')).toEqual([]);
  });

  test('that wants to be understood in a way nobody knows is refused', async () => {
    expect(await answerTo(bySecret, forged({ alg: 'HS256', crit: ['exp'], b64: false }, SECRET))).toEqual(
      REFUSED,
    );
    expect(await answerTo(bySecret, forged({ alg: 'HS256', crit: ['b64'], b64: false }, SECRET))).toEqual(
      REFUSED,
    );
  });

  test.each([
    ['without an end', { sub: 'acme' }],
    ['whose end is a text', { sub: 'acme', exp: '9999999999' }],
    ['for nobody', { exp: 9_999_999_999 }],
    ['for a list', { sub: ['acme'], exp: 9_999_999_999 }],
    ['for another name of a tenant', { sub: 'acme/../rival', exp: 9_999_999_999 }],
    ['that is a list', [{ sub: 'acme' }]],
    ['that is not yet good', { sub: 'acme', exp: 9_999_999_999, nbf: 9_999_999_990 }],
  ])('%s is refused', async (_what, payload) => {
    expect(await answerTo(bySecret, forged({ alg: 'HS256' }, SECRET, payload))).toEqual(REFUSED);
  });

  test('that is huge or of no form is refused before it is checked', async () => {
    for (const token of ['a'.repeat(8_500), 'a.b', 'a.b.c.d.e', '..', `${'.'.repeat(2_000)}`, 'e30.e30.e30'])
      expect(await answerTo(bySecret, token)).toEqual(REFUSED);
  });

  test('with something changed after it was signed is refused', async () => {
    const [header = '', , signature = ''] = forged({ alg: 'HS256' }, SECRET).split('.');
    expect(await answerTo(bySecret, `${header}.${part({ ...claims(), sub: 'rival' })}.${signature}`)).toEqual(
      REFUSED,
    );
    const good = forged({ alg: 'HS256' }, SECRET);
    expect(await answerTo(bySecret, good.slice(0, -4))).toEqual(REFUSED);
  });
});
