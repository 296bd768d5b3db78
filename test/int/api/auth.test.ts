import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken } from '../../../src/api/token.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, SECRET, UNKNOWN_ID } from './fixture.ts';

let api: ApiFixture;
let token: string;
beforeAll(async () => {
  api = await createApiFixture();
  token = await signToken(SECRET, { tenantId: 'acme', ttlS: 60 });
});
afterAll(() => api.close());

/** Those a runner or Fivetran calls prove themselves by the connector's secret. */
const WEBHOOK = /^\/v1\/etl\/(meltano|fivetran)\/webhook(\/|$)/;

/** Every route under /v1 as the app itself lists them, ids filled in. */
function routes(): [string, string][] {
  const known = api.app.routes.filter(({ method, path }) => method !== 'ALL' && path.startsWith('/v1/'));
  const named = known.map(({ method, path }) => `${method} ${path.replace(/:[a-z_]+/g, UNKNOWN_ID)}`);
  return [...new Set(named)].map((route) => route.split(' ') as [string, string]);
}

const send = (headers: [string, string][], path = CONNECTORS) =>
  api.app.request(path, { headers: new Headers(headers) });

async function answerOf(headers: [string, string][]): Promise<[number, string | undefined]> {
  const response = await send(headers);
  const { code } = JSON.parse(await response.text());
  return [response.status, code];
}

describe('every route there is, but the webhooks', () => {
  test('wants a token, and one that may only read cannot do anything else', async () => {
    const all = routes().filter(([, path]) => !WEBHOOK.test(path));
    expect(all.length).toBeGreaterThan(12);
    for (const [method, path] of all) {
      const none = await api.call(method, path, { token: null });
      expect([method, path, none.status, none.body?.code]).toEqual([method, path, 401, 'auth.missing']);
      const reading = await api.call(method, path, { scope: 'read' });
      if (method === 'GET') expect([path, reading.body?.code === 'auth.scope']).toEqual([path, false]);
      else expect([method, path, reading.status]).toEqual([method, path, 403]);
      const nothing = await api.call(method, path, { scope: '' });
      expect([method, path, nothing.status]).toEqual([method, path, 403]);
    }
  });

  test('reading includes HEAD', async () => {
    const reader = await signToken(SECRET, { tenantId: 'acme', ttlS: 60, scope: 'read' });
    const headers = { authorization: `Bearer ${reader}` };
    expect((await api.app.request(CONNECTORS, { method: 'HEAD', headers })).status).toBe(200);
  });
});

describe('the Authorization header', () => {
  test.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('may say "%s"', async (scheme) => {
    expect((await send([['authorization', `${scheme} ${token}`]])).status).toBe(200);
  });

  test.each([
    ['empty', ''],
    ['without a scheme', 'TOKEN'],
    ['without a token', 'Bearer'],
    ['with nothing but blanks', 'Bearer    '],
    ['of another scheme', 'Basic TOKEN'],
    ['with a scheme that only begins like it', 'Bearers TOKEN'],
    ['with two tokens', 'Bearer TOKEN TOKEN'],
    ['with something behind the token', 'Bearer TOKEN, x'],
  ])('%s is refused', async (_name, header) => {
    expect(await answerOf([['authorization', header.replaceAll('TOKEN', token)]])).toEqual([
      401,
      'auth.missing',
    ]);
  });

  test('twice is refused, even when both are good, as a real server gets it', async () => {
    expect(
      await answerOf([
        ['authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${token}`],
      ]),
    ).toEqual([401, 'auth.missing']);
    const rival = await signToken(SECRET, { tenantId: 'rival', ttlS: 60 });
    expect(await overHttp([`Bearer ${token}`, `Bearer ${rival}`])).toBe(401);
    expect(await overHttp([`Bearer ${token}`])).toBe(200);
  });

  test('with a token too long is refused before it is read', async () => {
    expect(await answerOf([['authorization', `Bearer ${'a'.repeat(8_193)}`]])).toEqual([
      401,
      'auth.token_invalid',
    ]);
  });

  test('counts, not a token in the query, a cookie or the body', async () => {
    expect((await send([['cookie', `token=${token}`]], `${CONNECTORS}?access_token=${token}`)).status).toBe(
      401,
    );
  });

  test('the refusal says nothing of the token', async () => {
    const forged = await signToken('another-secret-of-at-least-32-chars', { tenantId: 'acme', ttlS: 60 });
    const response = await send([['authorization', `Bearer ${forged}`]]);
    const everything = `${await response.text()}${JSON.stringify([...response.headers])}`;
    expect(response.status).toBe(401);
    for (const part of forged.split('.')) expect(everything).not.toContain(part);
  });
});

/** Status of a GET with the given Authorization headers on a socket. */
async function overHttp(authorization: string[]): Promise<number | undefined> {
  const server = createAdaptorServer({ fetch: api.app.fetch });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await new Promise((resolve, reject) => {
      const headers = authorization.flatMap((value) => ['authorization', value]);
      request({ port, path: CONNECTORS, headers: ['host', 'ivory', ...headers] }, (response) => {
        response.resume().once('end', () => resolve(response.statusCode));
      })
        .once('error', reject)
        .end();
    });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
