import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWebhookSender } from '../../../src/adapters/webhooks/http.ts';
import { auditEvents } from '../../../src/db/schema/index.ts';
import { EVENT_TYPES } from '../../../src/domain/notification.ts';
import { createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';
import {
  createNotificationFixture,
  DELIVERIES,
  ENDPOINTS,
  endpointRows,
  type NotificationFixture,
} from './fixture.ts';

const URL = 'https://93.184.215.14/hooks';

let api: NotificationFixture;
beforeAll(async () => {
  api = await createNotificationFixture(() => ({
    webhooks: createHttpWebhookSender({ allowPrivate: false, resolve: async () => [] }),
  }));
});
afterAll(() => api.close());

const ROUTES: [string, string, unknown][] = [
  ['POST', ENDPOINTS, { url: URL }],
  ['GET', ENDPOINTS, undefined],
  ['GET', `${ENDPOINTS}/${UNKNOWN_ID}`, undefined],
  ['PATCH', `${ENDPOINTS}/${UNKNOWN_ID}`, { active: false }],
  ['DELETE', `${ENDPOINTS}/${UNKNOWN_ID}`, undefined],
  ['POST', `${ENDPOINTS}/${UNKNOWN_ID}/rotate-secret`, undefined],
  ['POST', `${ENDPOINTS}/${UNKNOWN_ID}/test`, undefined],
  ['GET', DELIVERIES, undefined],
  ['GET', `${DELIVERIES}/${UNKNOWN_ID}`, undefined],
  ['POST', `${DELIVERIES}/${UNKNOWN_ID}/redeliver`, undefined],
];

describe.each(ROUTES)('%s %s', (method, path, body) => {
  test('wants a token, and one that may write where it writes', async () => {
    const bare = await api.call(method, path, { body, token: null });
    expect([bare.status, bare.body.code]).toEqual([401, 'auth.missing']);
    const reading = await api.call(method, path, { body, scope: 'read' });
    if (method === 'GET') expect(reading.body.code).not.toBe('auth.scope');
    else expect([reading.status, reading.body.code]).toEqual([403, 'auth.scope']);
  });
});

test('no route of notifications is missing here', async () => {
  const { body } = await api.call('GET', '/openapi.json', { token: null });
  const served = Object.entries<Record<string, unknown>>(body.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, UNKNOWN_ID)}`),
  );
  const tried = ROUTES.map(([method, path]) => `${method} ${path}`);
  expect(tried.sort()).toEqual(served.filter((route) => route.includes('/v1/notifications/')).sort());
});

test('the document names every message an endpoint may receive', async () => {
  const { body } = await api.call('GET', '/openapi.json', { token: null });
  expect(Object.keys(body.webhooks).sort()).toEqual([...EVENT_TYPES, 'ping'].sort());
});

describe('an endpoint', () => {
  test('is registered with a secret that is told once and kept sealed', async () => {
    const made = await api.call('POST', ENDPOINTS, {
      body: { url: URL, description: 'ours' },
      tenant: 'one',
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('location')).toBe(`${ENDPOINTS}/${made.body.id}`);
    const { secret, ...shown } = made.body;
    expect(secret).toMatch(/^whsec_/);
    expect(shown).toMatchObject({
      url: URL,
      description: 'ours',
      events: null,
      connector_ids: null,
      active: true,
    });
    const read = await api.call('GET', `${ENDPOINTS}/${made.body.id}`, { tenant: 'one' });
    expect([read.status, read.body]).toEqual([200, shown]);
    const kept = JSON.stringify(await endpointRows(api.deps)) + JSON.stringify(await audits());
    for (const hidden of [secret, secret.slice(6)]) expect(kept).not.toContain(hidden);
  });

  test('is changed field by field, and what it is told of is checked', async () => {
    const connector = await api.create();
    const foreign = await api.create({}, { tenant: 'rival' });
    const { id } = await api.endpoint(URL);
    const path = `${ENDPOINTS}/${id}`;
    const patch = { events: ['run.failed'], connector_ids: [connector.id], description: null, active: false };
    const changed = await api.call('PATCH', path, { body: patch });
    expect([changed.status, changed.body]).toMatchObject([200, { ...patch, url: URL }]);
    const refused = await api.call('PATCH', path, { body: { connector_ids: [connector.id, foreign.id] } });
    expect([refused.status, refused.body.code]).toEqual([422, 'notification.connector_unknown']);
    expect(refused.body.errors).toHaveLength(1);
    expect((await api.call('GET', path)).body).toEqual(changed.body);
  });

  test.each([
    [{ url: 'http://hooks.example.com' }, 'notification.url_invalid', 'url'],
    [{ url: 'https://127.0.0.1' }, 'notification.address_not_allowed', 'url'],
    [{ url: 'https://me:you@hooks.example.com' }, 'notification.url_invalid', 'url'],
    [{ url: 7 }, 'request.invalid', 'url'],
    [{}, 'request.invalid', 'url'],
    [{ url: URL, events: [] }, 'request.invalid', 'events'],
    [{ url: URL, events: ['ping'] }, 'request.invalid', 'events.0'],
    [{ url: URL, connector_ids: ['x'] }, 'request.invalid', 'connector_ids.0'],
    [{ url: URL, connector_ids: [UNKNOWN_ID] }, 'notification.connector_unknown', 'connector_ids'],
    [{ url: URL, description: 'a\u0000b' }, 'request.invalid', 'description'],
    [{ url: URL, secret: 'mine' }, 'request.invalid', 'secret'],
  ])('is not made of %j', async (body, code, field) => {
    const answer = await api.call('POST', ENDPOINTS, { body });
    expect([answer.status, answer.body.code, answer.body.errors?.[0]?.field]).toEqual([422, code, field]);
  });

  test('with a name that leads to an address of our own is refused, and nothing tells which it was', async () => {
    const strict = await createApiFixture({}, () => ({
      webhooks: createHttpWebhookSender({
        allowPrivate: false,
        resolve: async () => [
          { address: '93.184.215.14', family: 4 },
          { address: '10.9.8.7', family: 4 },
        ],
      }),
    }));
    try {
      const { status, body, text } = await strict.call('POST', ENDPOINTS, {
        body: { url: 'https://a.example/' },
      });
      expect([status, body.code]).toEqual([422, 'notification.address_not_allowed']);
      expect(text).not.toContain('10.9.8.7');
    } finally {
      await strict.close();
    }
  });

  test('made twice under one key is one, with one secret', async () => {
    const headers = { 'idempotency-key': 'make-it' };
    const tenant = 'twice';
    const [first, second] = [
      await api.call('POST', ENDPOINTS, { body: { url: URL }, headers, tenant }),
      await api.call('POST', ENDPOINTS, { body: { url: URL }, headers, tenant }),
    ];
    expect([second.status, second.body]).toEqual([201, first.body]);
    expect((await api.call('GET', ENDPOINTS, { tenant })).body.count).toBe(1);
  });

  test('is one of twenty at most, also when many are asked for at once', async () => {
    const tenant = 'many';
    const answers = await Promise.all(
      Array.from({ length: 24 }, () => api.call('POST', ENDPOINTS, { body: { url: URL }, tenant })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20);
    const refused = answers.filter(({ status }) => status !== 201);
    for (const { status, body } of refused)
      expect([status, body.code]).toEqual([409, 'notification.too_many_endpoints']);
    const pages = [];
    for (let cursor = ''; pages.length < 40; ) {
      const { body } = await api.call('GET', `${ENDPOINTS}?limit=7${cursor}`, { tenant });
      pages.push(...body.endpoints.map(({ id }: { id: string }) => id));
      if (!body.next_cursor) break;
      cursor = `&cursor=${body.next_cursor}`;
    }
    expect(new Set(pages).size).toBe(20);
  });

  test('of another tenant, a malformed id and an unknown one are answered in the same words', async () => {
    const { id } = await api.endpoint(URL, {}, 'rival');
    const delivery = await api.ping(id, 'rival');
    for (const [method, path, body] of ROUTES.filter(([, path]) => path.includes(UNKNOWN_ID))) {
      const own = path.startsWith(ENDPOINTS) ? id : delivery;
      const answers = [];
      for (const asked of [UNKNOWN_ID, 'not-an-id', own]) {
        const { status, body: said } = await api.call(method, path.replace(UNKNOWN_ID, asked), { body });
        const { request_id: _, ...rest } = said;
        answers.push([status, rest]);
      }
      expect(answers[0]?.[0]).toBe(404);
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
    expect((await api.call('GET', ENDPOINTS)).text).not.toContain(id);
    expect((await api.call('GET', DELIVERIES)).text).not.toContain(delivery);
    expect((await api.call('GET', `${DELIVERIES}?endpoint_id=${id}`)).body.count).toBe(0);
    expect((await api.call('GET', `${ENDPOINTS}/${id}`, { tenant: 'rival' })).body.active).toBe(true);
  });

  test('that is off gets no ping; deleted, its deliveries go with it; who did what is written down', async () => {
    const { id } = await api.endpoint(URL, {}, 'audited');
    const delivery = await api.ping(id, 'audited');
    const options = { tenant: 'audited' };
    await api.call('POST', `${ENDPOINTS}/${id}/rotate-secret`, options);
    await api.call('PATCH', `${ENDPOINTS}/${id}`, { ...options, body: { active: false } });
    const ping = await api.call('POST', `${ENDPOINTS}/${id}/test`, options);
    expect([ping.status, ping.body.code]).toEqual([409, 'notification.endpoint_inactive']);
    const again = await api.call('POST', `${DELIVERIES}/${delivery}/redeliver`, options);
    expect([again.status, again.body.code]).toEqual([409, 'notification.endpoint_inactive']);
    expect((await api.call('DELETE', `${ENDPOINTS}/${id}`, options)).status).toBe(204);
    expect((await api.call('GET', `${DELIVERIES}/${delivery}`, options)).status).toBe(404);
    const events = (await audits()).filter(({ tenantId }) => tenantId === 'audited');
    expect(events.map(({ action, subject }) => [action, subject])).toEqual(
      ['create', 'test', 'rotate_secret', 'update', 'delete'].map((verb) => [
        `notification_endpoint.${verb}`,
        id,
      ]),
    );
    expect(JSON.stringify(events)).not.toContain('/hooks');
  });
});

function audits() {
  return api.deps.database.db.select().from(auditEvents).orderBy(auditEvents.id);
}
