import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from '../api/fixture.ts';
import { createSender, hmac, type Registered } from './sender.ts';

let api: ApiFixture;
let send: ReturnType<typeof createSender>;
let cases: Record<string, () => Promise<Answer>>;
beforeAll(async () => {
  api = await createApiFixture({ webhookWaitMs: 1 });
  send = createSender(api);
  const mine: Registered = await api.create();
  const gone: Registered = await api.create();
  const theirs: Registered = await api.create({}, { tenant: 'rival' });
  await api.call('DELETE', `${CONNECTORS}/${gone.id}`);
  const wrong = { 'x-webhook-secret': 'f'.repeat(64) };
  const good = { 'x-webhook-secret': hmac(mine.webhook_secret, mine.id) };
  cases = {
    'a wrong signature': () => send(mine, {}, { headers: wrong }),
    'no signature': () => send(mine, {}, { headers: {} }),
    'an unknown connector': () => send({ ...mine, id: UNKNOWN_ID }),
    'an id that is none': () => send(mine, { connector_id: 'nonsense' }, { headers: good }),
    'a deleted connector': () => send(gone),
    "another tenant's connector": () => send(theirs),
    'another tenant': () => send(mine, { tenant_id: 'rival' }),
    'another source': () => send(mine, { source_system: 'hubspot' }),
    'a stale second signature': () =>
      send(mine, {}, { headers: { ...good, 'x-ivory-signature': `t=1,v1=${'0'.repeat(64)}` } }),
    'a wrong signature and a body that is not valid': () => send(mine, { status: 7 }, { headers: wrong }),
  };
});
afterAll(() => api.close());

test('every refusal has the same status, body and headers, but for the id of the request', async () => {
  const seen = new Map<string, string>();
  for (const [name, refused] of Object.entries(cases)) {
    const { status, body, headers } = await refused();
    const { request_id: id, ...rest } = body;
    expect(headers.get('x-request-id')).toBe(id);
    const others = [...headers].filter(([header]) => header !== 'x-request-id');
    seen.set(JSON.stringify([status, rest, others]), name);
  }
  expect([...seen]).toHaveLength(1);
  expect([...seen.keys()][0]).toContain('[403,');
});

test('no refusal tells itself apart by the time it takes', { timeout: 60_000 }, async () => {
  const times = new Map(Object.keys(cases).map((name) => [name, [] as number[]]));
  const ROUNDS = 80;
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, refused] of Object.entries(cases)) {
      const startedAt = performance.now();
      await refused();
      times.get(name)?.push(performance.now() - startedAt);
    }
  }
  const medians = [...times.values()].map((all) => all.sort((a, b) => a - b)[ROUNDS / 2] ?? 0);
  expect(Math.max(...medians) / Math.min(...medians)).toBeLessThan(2.5);
});
