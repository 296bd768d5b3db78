import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createFivetranClient } from '../../../../src/adapters/runner/fivetran/client.ts';
import { createHttp } from '../../../../src/adapters/runner/fivetran/http.ts';
import {
  type FivetranStub,
  STUB_CONNECTION,
  STUB_KEY,
  STUB_SECRET,
  startFivetranStub,
} from '../../../harness/fivetran-stub.ts';

let stub: FivetranStub;
let waits: number[];
let lines: string[];
beforeEach(async () => {
  stub = await startFivetranStub();
  waits = [];
  lines = [];
});
afterEach(() => stub.close());

const never = () => new AbortController().signal;

function clientOf({ url = stub.url, apiSecret = STUB_SECRET, timeoutMs = 5_000 } = {}) {
  const settings = { apiKey: STUB_KEY, apiSecret, connectionId: STUB_CONNECTION };
  return createFivetranClient({
    http: createHttp(url, settings, timeoutMs),
    connectionId: STUB_CONNECTION,
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      waits.push(ms);
    },
    redact: (text) => text.replaceAll(STUB_SECRET, '[secret]'),
    log: (line) => lines.push(line),
  });
}

test('a connection is asked for with the key, and nothing else is sent', async () => {
  const connection = await clientOf({ url: `${stub.url}//` }).connection(never());
  expect(connection).toMatchObject({ schema: 'salesforce', setupState: 'connected', syncState: 'scheduled' });
  expect(stub.requests).toEqual([`GET /v1/connections/${STUB_CONNECTION}`]);
});

test('a sync is never forced; one under way is told apart from one started', async () => {
  expect(await clientOf().sync(never())).toBe('started');
  expect(await clientOf().sync(never())).toBe('running');
});

describe('a rate limit', () => {
  test('is waited out as Retry-After says, then the call goes on', async () => {
    stub.replies = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 429, headers: { 'retry-after': '3600' } },
      { status: 429 },
    ];
    expect((await clientOf().connection(never())).syncState).toBe('scheduled');
    expect(waits).toEqual([7_000, 900_000, 60_000]);
    expect(lines[0]).toBe('fivetran: rate limited; waiting 7 s');
  });

  test('without an end gives the run back', async () => {
    stub.replies = Array.from({ length: 20 }, () => ({ status: 429, headers: { 'retry-after': '5' } }));
    await expect(clientOf().sync(never())).rejects.toMatchObject({
      code: 'fivetran.rate_limited',
      retry: 'transient',
      retryAfterS: 5,
    });
    expect(stub.requests).toHaveLength(6);
  });
});

describe('what may pass by itself', () => {
  test.each([
    ['a server error', { status: 503 }],
    ['an answer that is no JSON', { status: 200, body: '<html>maintenance</html>' }],
    ['an empty answer', { status: 200, body: '' }],
    ['a broken connection', { drop: true } as const],
    ['a redirect', { status: 302, headers: { location: 'http://127.0.0.1:1/steal' } }],
  ])('%s is tried again, with growing pauses, then the run is given back', async (_, reply) => {
    stub.replies = [reply, reply];
    expect((await clientOf().connection(never())).syncState).toBe('scheduled');
    stub.replies = Array.from({ length: 9 }, () => reply);
    await expect(clientOf().connection(never())).rejects.toMatchObject({
      code: 'fivetran.unavailable',
      retry: 'transient',
    });
    expect(stub.replies).toHaveLength(4);
    const pauses = waits.slice(2);
    expect(pauses).toHaveLength(4);
    for (const [n, ms] of pauses.entries()) {
      expect(ms).toBeGreaterThanOrEqual(250 * 2 ** n);
      expect(ms).toBeLessThanOrEqual(750 * 2 ** n);
    }
  });

  test('nobody listens there', async () => {
    await stub.close();
    await expect(clientOf().connection(never())).rejects.toMatchObject({
      code: 'fivetran.unavailable',
      message: 'Fivetran cannot be reached: no answer (ECONNREFUSED).',
    });
    stub = await startFivetranStub();
  });

  test('a server that takes the request and says nothing is given up after its time', async () => {
    stub.replies = [{ hang: true }];
    expect((await clientOf({ timeoutMs: 1_000 }).connection(never())).syncState).toBe('scheduled');
    expect(lines[0]).toBe('fivetran: no answer (timeout); trying again');
  });
});

describe('what no second try helps', () => {
  test.each([
    [401, 'fivetran.auth_error'],
    [403, 'fivetran.auth_error'],
    [404, 'fivetran.connection_unknown'],
    [400, 'fivetran.refused'],
    [409, 'fivetran.refused'],
  ])('%i is %s, in the words of Fivetran without the secret', async (status, code) => {
    stub.replies = [{ status, body: { code: 'Nope', message: `line one\nfor ${STUB_SECRET}` } }];
    const refusal = await clientOf()
      .connection(never())
      .catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code, retry: 'terminal' });
    expect(String(refusal)).toContain('It says: Nope: line one for [secret]');
    expect(stub.requests).toHaveLength(1);
  });

  test('a wrong key', async () => {
    await expect(clientOf({ apiSecret: 'another' }).connection(never())).rejects.toMatchObject({
      code: 'fivetran.auth_error',
    });
  });

  test.each([[{ code: 'Success' }], [{ code: 'Success', data: { status: {} } }], [[]], [null]])(
    'an answer without the connection: %j',
    async (body) => {
      stub.replies = [{ status: 200, body }];
      await expect(clientOf().connection(never())).rejects.toMatchObject({
        code: 'fivetran.answer_invalid',
        retry: 'terminal',
      });
    },
  );

  test('an answer beyond 1 MB is not read to its end', async () => {
    stub.replies = [{ status: 200, body: 'x'.repeat(8 * 1024 * 1024) }];
    await expect(clientOf().connection(never())).rejects.toMatchObject({ code: 'fivetran.answer_invalid' });
  });
});

test('a call that is stopped ends with the reason, while it waits for an answer or for its next try', async () => {
  const stop = new AbortController();
  stub.replies = [{ hang: true }];
  const hanging = stub.hanging();
  const asked = clientOf().connection(stop.signal);
  const ended = expect(asked).rejects.toThrow('enough');
  await hanging;
  stop.abort(new Error('enough'));
  await ended;
  expect(stub.requests).toHaveLength(1);
});
