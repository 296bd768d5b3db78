import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signToken } from '../../../src/api/token.ts';
import {
  type ApiFixture,
  CONNECTORS,
  createApiFixture,
  DOCUMENTED_CREATE,
  SECRET,
  UNKNOWN_ID,
} from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const MAP_FIELDS = {
  source_stream: 's',
  source_schema: { Id: 'string' },
  target_schema: 'dm',
  target_table: 'deals',
};
const OF_ONE: [string, string, unknown][] = [
  ['GET', '', undefined],
  ['DELETE', '', undefined],
  ['POST', '/trigger', undefined],
  ['POST', '/pause', undefined],
  ['POST', '/resume', undefined],
  ['GET', '/runs', undefined],
  ['POST', '/check', undefined],
  ['POST', '/discover', undefined],
  ['GET', `/tasks/${UNKNOWN_ID}`, undefined],
  ['POST', '/map-fields', MAP_FIELDS],
  ['GET', '/mappings', undefined],
  ['POST', '/mappings/approve', { min_confidence: 0.9 }],
  ['GET', '/mappings/history', undefined],
  ['GET', `/mappings/${UNKNOWN_ID}/history`, undefined],
  ['PUT', `/mappings/${UNKNOWN_ID}`, { reviewed: true }],
  ['DELETE', `/mappings/${UNKNOWN_ID}`, undefined],
  ['PATCH', '', { sync_schedule: '0 1 * * *' }],
  ['GET', `/runs/${UNKNOWN_ID}`, undefined],
  ['POST', `/runs/${UNKNOWN_ID}/cancel`, undefined],
  ['GET', `/runs/${UNKNOWN_ID}/log`, undefined],
  ['GET', '/rejected-rows', undefined],
  ['POST', '/rejected-rows/replay', {}],
  ['GET', '/state', undefined],
  ['PUT', '/state', { state: null }],
  ['GET', '/state/history', undefined],
  ['POST', '/state/rollback', { version: 1 }],
  ['GET', '/schedule', undefined],
];
const ALL: [string, string, unknown][] = [
  ['POST', CONNECTORS, DOCUMENTED_CREATE],
  ['GET', CONNECTORS, undefined],
  ['POST', '/v1/admin/schedules/preview', { sync_schedule: '0 1 * * *' }],
  ['GET', `/v1/admin/mapping-jobs/${UNKNOWN_ID}`, undefined],
  ['GET', '/v1/admin/canonical-schemas', undefined],
  ...OF_ONE.map(([method, path, body]): [string, string, unknown] => [
    method,
    `${CONNECTORS}/${UNKNOWN_ID}${path}`,
    body,
  ]),
];

describe.each(ALL)('%s %s', (method, path, body) => {
  test('without a token, and with a bad one, it is 401 with a challenge', async () => {
    for (const [token, code, challenge] of [
      [null, 'auth.missing', 'Bearer realm="ivory"'],
      ['not.a.token', 'auth.token_invalid', 'Bearer realm="ivory", error="invalid_token"'],
    ] as const) {
      const answer = await api.call(method, path, { token, body });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(answer.headers.get('www-authenticate')).toBe(challenge);
      expect(answer.body).toMatchObject({ status: 401, code, title: 'Unauthorized' });
    }
  });

  test('a token that may only read reads, and nothing else', async () => {
    const answer = await api.call(method, path, { body, scope: 'read' });
    if (method === 'GET') expect(answer.body.code).not.toBe('auth.scope');
    else expect([answer.status, answer.body.code]).toEqual([403, 'auth.scope']);
    const other = await api.call(method, path, { body, scope: 'openid' });
    expect([other.status, other.body.code]).toEqual([403, 'auth.scope']);
  });
});

describe.each(OF_ONE)('%s /v1/admin/connectors/{id}%s', (method, path, body) => {
  test("an unknown id, a malformed one and another tenant's are answered in the same words", async () => {
    const { id } = await api.create({}, { tenant: 'rival' });
    const answers = [];
    for (const asked of [UNKNOWN_ID, 'not-an-id', `${id}%00`, "1'--", id]) {
      answers.push(await api.call(method, `${CONNECTORS}/${asked}${path}`, { body }));
    }
    const words = answers.map((answer) => {
      const { request_id: _, ...rest } = answer.body;
      return [answer.status, rest];
    });
    expect(words[0]).toMatchObject([404, { code: 'connector.not_found' }]);
    for (const each of words) expect(each).toEqual(words[0]);
    expect((await api.call('GET', `${CONNECTORS}/${id}`, { tenant: 'rival' })).body.status).toBe('active');
  });
});

test('no route behind the token is missing here', async () => {
  const { body } = await api.call('GET', '/openapi.json', { token: null });
  const served = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, UNKNOWN_ID)}`),
  );
  const tried = ALL.map(([method, path]) => `${method} ${path}`);
  expect(tried.sort()).toEqual(served.filter((route) => route.includes('/v1/admin/')).sort());
});

describe('what every request gets', () => {
  test('a request id of the caller is kept, a bad one replaced, and a problem says it', async () => {
    const kept = await api.call('GET', '/nowhere', { headers: { 'x-request-id': 'abc-123' } });
    expect(kept.headers.get('x-request-id')).toBe('abc-123');
    expect(kept.body.request_id).toBe('abc-123');
    const replaced = await api.call('GET', '/nowhere', { headers: { 'x-request-id': 'a b\\"' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each(['/nowhere', '/v1/nowhere', `${CONNECTORS}/${UNKNOWN_ID}/nowhere`])(
    '%s is not there',
    async (path) => {
      const { status, body, headers } = await api.call('GET', path);
      expect([status, body.code]).toEqual([404, 'route.not_found']);
      expect(headers.get('content-type')).toBe('application/problem+json');
    },
  );

  test.each([
    ['PATCH', CONNECTORS, 'POST, GET, HEAD'],
    ['GET', `${CONNECTORS}/${UNKNOWN_ID}/trigger`, 'POST'],
    ['POST', `${CONNECTORS}/${UNKNOWN_ID}`, 'GET, HEAD, PATCH, DELETE'],
    ['POST', '/healthz', 'GET, HEAD'],
    ['PUT', `${CONNECTORS}/${UNKNOWN_ID}/runs`, 'GET, HEAD'],
    ['DELETE', `${CONNECTORS}/${UNKNOWN_ID}/state`, 'GET, HEAD, PUT'],
    ['OPTIONS', CONNECTORS, 'POST, GET, HEAD'],
  ])('%s %s is not allowed, and what is stands in Allow', async (method, path, allow) => {
    const { status, body, headers } = await api.call(method, path);
    expect([status, body.code]).toEqual([405, 'request.method_not_allowed']);
    expect(headers.get('allow')?.split(', ').sort()).toEqual(allow.split(', ').sort());
  });

  test('HEAD is GET without a body', async () => {
    const { id } = await api.create();
    for (const path of [CONNECTORS, `${CONNECTORS}/${id}`, `${CONNECTORS}/${id}/state`]) {
      const { status, text, headers } = await api.call('HEAD', path);
      expect([status, text, headers.get('content-type')]).toEqual([200, '', 'application/json']);
    }
    expect((await api.call('HEAD', `${CONNECTORS}/${UNKNOWN_ID}`)).status).toBe(404);
  });

  test('a page of another origin may read nothing: there is no CORS', async () => {
    const headers = { origin: 'https://elsewhere.example', 'access-control-request-method': 'GET' };
    for (const method of ['GET', 'OPTIONS']) {
      const answer = await api.call(method, CONNECTORS, { headers });
      expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test.each(['{"source_system": ', '', 'source_system=x', '\u0000'])(
    'a body that is no JSON is 400: %j',
    async (text) => {
      const { status, body } = await api.call('POST', CONNECTORS, { body: text });
      expect([status, body.code]).toEqual([400, 'request.malformed_json']);
    },
  );

  test.each(['[]', 'null', '"x"', '7'])('a body that is no object is 422: %s', async (text) => {
    const { status, body } = await api.call('POST', CONNECTORS, { body: text });
    expect([status, body.code]).toEqual([422, 'request.invalid']);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])(
    'a body of type %s is 415',
    async (type) => {
      const { status, body } = await api.call('POST', CONNECTORS, {
        body: JSON.stringify(DOCUMENTED_CREATE),
        headers: { 'content-type': type },
      });
      expect([status, body.code]).toEqual([415, 'request.unsupported_media_type']);
    },
  );

  test('a body beyond 1 MB is 413, with a length header and without', async () => {
    const large = JSON.stringify({ ...DOCUMENTED_CREATE, config_encrypted: 'x'.repeat(1_048_576) });
    const headers: Record<string, string>[] = [{}, { 'content-length': String(large.length) }];
    for (const extra of headers) {
      const { status, body } = await api.call('POST', CONNECTORS, { body: large, headers: extra });
      expect([status, body.code]).toEqual([413, 'request.too_large']);
    }
  });

  test('no answer may be cached, framed or sniffed', async () => {
    for (const path of [CONNECTORS, '/docs', '/healthz']) {
      const { headers } = await api.call('GET', path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
  });

  test('a database that fails in the middle leaks nothing', async () => {
    const fixture = await createApiFixture();
    await fixture.close();
    const answer = await fixture.app.request(CONNECTORS, {
      headers: { authorization: `Bearer ${await signToken(SECRET, { tenantId: 'acme', ttlS: 60 })}` },
    });
    const text = await answer.text();
    expect(answer.status).toBe(503);
    expect(JSON.parse(text).code).toBe('database.unavailable');
    expect(text).not.toMatch(/select|postgres|127\.0\.0\.1|CONNECTION/i);
  });
});
