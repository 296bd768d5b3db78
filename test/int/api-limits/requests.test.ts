import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../../src/api/serve.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { until } from '../../harness/until.ts';
import { bearer, createServed, jsonOf, LIST, openRaw, type Served, sendRaw } from './served.ts';

let served: Served;
let server: ApiServer;
let headers: Record<string, string>;
let lines: string;
beforeAll(async () => {
  served = await createServed();
  server = await served.serve();
  headers = await bearer();
  lines = `Host: ivory\r\nAuthorization: ${headers['authorization']}\r\nConnection: close\r\n`;
});
afterAll(() => served.close());

const ALWAYS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
};

/** Status and code of what raw bytes are answered, whose headers are always those of a safe answer. */
async function refusal(request: string | Buffer): Promise<[number, unknown]> {
  const answer = await sendRaw(server.port, request);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    ...ALWAYS,
    'content-type': 'application/problem+json',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
  });
  expect(answer.headers.has('server') || answer.headers.has('x-powered-by')).toBe(false);
  const { code, request_id, status } = JSON.parse(answer.body);
  expect([request_id, status]).toEqual([expect.any(String), answer.status]);
  return [answer.status, code];
}

async function post(path: string, body: string | Uint8Array, more: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', ...more },
    body,
  });
  const text = await response.text();
  return { status: response.status, code: JSON.parse(text).code, text };
}

describe('a request that is no sound HTTP/1.1', () => {
  test.each([
    [
      'both a length and chunks',
      `POST ${LIST} HTTP/1.1\r\nHost: i\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    [
      'two lengths',
      `POST ${LIST} HTTP/1.1\r\nHost: i\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
    ],
    ['a length that is no number', `POST ${LIST} HTTP/1.1\r\nHost: i\r\nContent-Length: +4\r\n\r\nabcd`],
    [
      'chunks that are not the last coding',
      `POST ${LIST} HTTP/1.1\r\nHost: i\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
    ],
    [
      'chunks by another name',
      `POST ${LIST} HTTP/1.1\r\nHost: i\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a header that goes on in the next line', `GET ${LIST} HTTP/1.1\r\nHost: i\r\nX-A: b\r\n c\r\n\r\n`],
    ['lines that end in LF alone', `GET ${LIST} HTTP/1.1\nHost: i\n\n`],
    ['a blank before the colon', `GET ${LIST} HTTP/1.1\r\nHost : i\r\n\r\n`],
    ['a NUL in a header', `GET ${LIST} HTTP/1.1\r\nHost: i\r\nX-A: b\0c\r\n\r\n`],
    ['a line without a colon', `GET ${LIST} HTTP/1.1\r\nHost: i\r\nnonsense\r\n\r\n`],
    ['no host', `GET ${LIST} HTTP/1.1\r\n\r\n`],
    ['two hosts', `GET ${LIST} HTTP/1.1\r\nHost: i\r\nHost: j\r\n\r\n`],
    ['a host that is none', `GET ${LIST} HTTP/1.1\r\nHost: a b\r\n\r\n`],
    ['a method nobody knows', `BREW ${LIST} HTTP/1.1\r\nHost: i\r\n\r\n`],
    ['a target that is no path', `OPTIONS * HTTP/1.1\r\nHost: i\r\nConnection: close\r\n\r\n`],
    ['another protocol', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ])('%s is refused', async (_what, request) => {
    expect(await refusal(request)).toEqual([400, 'request.malformed_http']);
  });

  test('and nothing behind it is taken for another', async () => {
    const smuggled = `GET ${LIST} HTTP/1.1\r\n${lines}\r\n`;
    const request = `POST ${LIST} HTTP/1.1\r\nHost: i\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`;
    const { text } = await sendRaw(server.port, request);
    expect(text.match(/HTTP\/1\.1 \d/g)).toEqual(['HTTP/1.1 4']);
  });
});

describe('what is too large', () => {
  test('a url beyond 8 KB is 414, also beyond what a parser takes', async () => {
    const long = (length: number) => `GET /${'a'.repeat(length)} HTTP/1.1\r\n${lines}\r\n`;
    expect(await refusal(long(9_000))).toEqual([414, 'request.url_too_long']);
    expect(await refusal(`GET /${'a'.repeat(30_000)}`)).toEqual([414, 'request.url_too_long']);
    const { status } = await sendRaw(server.port, long(7_000));
    expect(status).toBe(404);
  });

  test('headers beyond 16 KB, or more than 100 of them, are 431', async () => {
    const big = `GET ${LIST} HTTP/1.1\r\n${lines}X-A: ${'a'.repeat(17_000)}\r\n\r\n`;
    const many = `GET ${LIST} HTTP/1.1\r\n${'X-A: b\r\n'.repeat(120)}${lines}\r\n`;
    expect(await refusal(big)).toEqual([431, 'request.headers_too_large']);
    expect(await refusal(many)).toEqual([431, 'request.headers_too_large']);
    const { status } = await sendRaw(
      server.port,
      `GET ${LIST} HTTP/1.1\r\n${'X-A: b\r\n'.repeat(90)}${lines}\r\n`,
    );
    expect(status).toBe(200);
  });

  test('a body beyond 1 MB is 413, announced or in chunks', async () => {
    const megabyte = Buffer.alloc(1_048_577, 0x20);
    expect((await post(LIST, megabyte)).code).toBe('request.too_large');
    const stream = new Blob([megabyte]).stream();
    const init = { method: 'POST', headers, body: stream, duplex: 'half' as const };
    const response = await fetch(`${server.url}${LIST}`, init);
    expect([response.status, (await jsonOf(response))['code']]).toEqual([413, 'request.too_large']);
    expect((await post(LIST, '{}')).code).toBe('request.invalid');
  });
});

describe('methods and wishes', () => {
  test.each(['TRACE', 'PROPFIND', 'LINK', 'PURGE'])('%s is 405', async (method) => {
    expect(await refusal(`${method} ${LIST} HTTP/1.1\r\n${lines}\r\n`)).toEqual([
      405,
      'request.method_not_allowed',
    ]);
  });

  test('CONNECT is 405 and no tunnel', async () => {
    expect(await refusal('CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\n\r\n')).toEqual([
      405,
      'request.method_not_allowed',
    ]);
  });

  test('an unknown expectation is 417, and 100-continue is met', async () => {
    expect(await refusal(`GET ${LIST} HTTP/1.1\r\n${lines}Expect: 200-maybe\r\n\r\n`)).toEqual([
      417,
      'request.expectation_failed',
    ]);
    const body = '{}';
    const met = await sendRaw(
      server.port,
      `POST ${LIST} HTTP/1.1\r\n${lines}Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n${body}`,
    );
    expect(met.text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 422 /);
  });

  test.each(['websocket', 'h2c'])(
    'an upgrade to %s is not made: the request is answered as it is',
    async (protocol) => {
      const wish = `Connection: Upgrade\r\nUpgrade: ${protocol}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: eA==\r\n`;
      const request = `GET ${LIST} HTTP/1.1\r\nHost: i\r\nAuthorization: ${headers['authorization']}\r\n${wish}\r\n`;
      const client = await openRaw(server.port);
      client.socket.write(request);
      await until('an answer', () => client.heard().includes('\r\n\r\n'));
      client.socket.destroy();
      expect(client.heard()).toMatch(/^HTTP\/1\.1 200 /);
    },
  );
});

describe('a url', () => {
  test.each([`${LIST}/%ff`, `${LIST}/%`, `${LIST}/%zz`, `${LIST}?limit=%e0%80`, `${LIST}?cursor=%00`])(
    'that does not decode is 400: %s',
    async (path) => {
      expect(await refusal(`GET ${path} HTTP/1.1\r\n${lines}\r\n`)).toEqual([400, 'request.malformed_url']);
    },
  );

  test('that decodes is looked at', async () => {
    expect(await refusal(`GET ${LIST}/%C3%A4 HTTP/1.1\r\n${lines}\r\n`)).toEqual([
      404,
      'connector.not_found',
    ]);
  });
});

describe('a body', () => {
  const deep = (depth: number) => `{"source_system": ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

  test('nested beyond 64 levels is refused before it is read, and one of 64 is judged for what it says', async () => {
    expect(await post(LIST, deep(65))).toMatchObject({ status: 422, code: 'request.too_deep' });
    expect(await post(LIST, deep(400_000))).toMatchObject({ status: 422, code: 'request.too_deep' });
    expect(await post(LIST, deep(64))).toMatchObject({ status: 422, code: 'request.invalid' });
    expect(await post(LIST, '['.repeat(1_000_000))).toMatchObject({ status: 422, code: 'request.too_deep' });
  });

  test('of brackets in texts is not deep', async () => {
    const text = JSON.stringify({ source_system: '[{"\\'.repeat(1_000) });
    expect(await post(LIST, text)).toMatchObject({ status: 422, code: 'request.invalid' });
  });

  test('with endless members is refused, and its answer is small', async () => {
    const fields = Array.from({ length: 60_000 }, (_, n) => `"f${n}":1`).join(',');
    const answer = await post(LIST, `{${fields}}`);
    expect(answer).toMatchObject({ status: 422, code: 'request.too_many_members' });
    expect(answer.text.length).toBeLessThan(1_000);
  });

  test('that is not UTF-8 is 400', async () => {
    const body = Buffer.concat([
      Buffer.from('{"source_system": "'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    expect(await post(LIST, body)).toMatchObject({ status: 400, code: 'request.malformed_text' });
  });

  test('that is no JSON is 400; one of another type or encoded is 415', async () => {
    expect(await post(LIST, '{"a":')).toMatchObject({ status: 400, code: 'request.malformed_json' });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])
      expect(await post(LIST, '{}', { 'content-type': type })).toMatchObject({ status: 415 });
    for (const encoding of ['gzip', 'br', 'identity, gzip'])
      expect(await post(LIST, '{}', { 'content-encoding': encoding })).toMatchObject({
        status: 415,
        code: 'request.unsupported_encoding',
      });
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString'])(
    'with the field %s changes nothing but its own answer',
    async (name) => {
      const body = `{"${name}": {"polluted": true, "status": "active"}, "source_system": "faa"}`;
      expect(await post(LIST, body)).toMatchObject({ status: 422, code: 'request.invalid' });
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    },
  );

  test('that says a field twice says the last', async () => {
    const answer = await post(
      '/v1/admin/schedules/preview',
      '{"sync_schedule": "nonsense", "sync_schedule": "0 9 * * *"}',
    );
    expect(answer.status).toBe(200);
  });
});

describe('every answer', () => {
  test.each(['/healthz', '/openapi.json', '/docs', '/metrics', '/nowhere', LIST])(
    'carries the headers of a safe one, and HSTS only behind TLS: %s',
    async (path) => {
      const response = await fetch(`${server.url}${path}`, { headers: { 'x-forwarded-proto': 'https' } });
      await response.arrayBuffer();
      const sent = Object.fromEntries(response.headers);
      expect(sent).toMatchObject({ ...ALWAYS, 'content-security-policy': expect.any(String) });
      for (const none of [
        'server',
        'x-powered-by',
        'strict-transport-security',
        'access-control-allow-origin',
      ])
        expect(sent).not.toHaveProperty(none);
    },
  );

  test('says HSTS where a trusted proxy was reached over TLS', async () => {
    const { url } = await served.serve({ limits: { trustedProxies: ['127.0.0.1'] } });
    const told = async (proto: string) =>
      (await fetch(`${url}/healthz`, { headers: { 'x-forwarded-proto': proto } })).headers.get(
        'strict-transport-security',
      );
    expect(await told('https')).toContain('max-age=31536000');
    expect(await told('http')).toBeNull();
  });

  test('to a page of another origin lets it read nothing', async () => {
    const response = await fetch(`${server.url}${LIST}`, {
      method: 'OPTIONS',
      headers: { origin: 'https://other.example', 'access-control-request-method': 'POST' },
    });
    expect(response.ok).toBe(false);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  test('of an id that is another tenant’s is that of an unknown one, word for word', async () => {
    const { id } = await insertConnector(served.deps, { tenantId: 'acme' });
    const rival = { headers: await bearer('rival') };
    const answers = await Promise.all(
      [id, randomUUID(), 'no-uuid'].map(async (asked) => {
        const response = await fetch(`${server.url}${LIST}/${asked}`, rival);
        const { request_id: _, ...rest } = await jsonOf(response);
        return { status: response.status, ...rest };
      }),
    );
    expect(answers[0]).toMatchObject({ status: 404, code: 'connector.not_found' });
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });
});
