import { eq, sql } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpWebhookSender } from '../../../src/adapters/webhooks/http.ts';
import { notificationDeliveries, notificationEndpoints } from '../../../src/db/schema/index.ts';
import { NO_METRICS } from '../../../src/ports/metrics.ts';
import { prune } from '../../../src/services/maintenance/prune.ts';
import { createNotificationSender } from '../../../src/services/notifications/sender.ts';
import { createNotificationFixture, DELIVERIES, ENDPOINTS, type NotificationFixture } from './fixture.ts';
import { hang, ok, openReceiver, type Receiver, status, verified } from './receiver.ts';

let api: NotificationFixture;
let receiver: Receiver;
const outcomes: string[] = [];
const lines: string[] = [];
beforeAll(async () => {
  const metrics = { ...NO_METRICS, notificationSent: (outcome: string) => void outcomes.push(outcome) };
  const log = pino({ level: 'trace' }, { write: (line: string) => lines.push(line) });
  api = await createNotificationFixture(() => ({ metrics, log }));
  receiver = await openReceiver();
});
afterAll(async () => {
  await receiver.close();
  await api.close();
});

let paths = 0;
function freshPath(): string {
  paths += 1;
  return `/hook-${paths}`;
}

async function pinged(settings: { tenant?: string } = {}) {
  const { tenant = 'acme' } = settings;
  const path = freshPath();
  const { id, secret } = await api.endpoint(receiver.url(path), {}, tenant);
  const delivery = await api.ping(id, tenant);
  return { path, id, secret, delivery, at: () => receiver.received.filter((one) => one.path === path) };
}

function endpointOf(id: string) {
  return api.call('GET', `${ENDPOINTS}/${id}`).then(({ body }) => body);
}

describe('a delivery', () => {
  test('is signed as the specification says, once, and its log tells how it went', async () => {
    const { path, id, secret, delivery, at } = await pinged();
    receiver.on(path, status(200, {}, 'thank you'));
    await api.send();
    await api.send();
    const [received, ...more] = at();
    if (!received) throw new Error('nothing came');
    expect(more).toEqual([]);
    expect(verified(secret, received)).toEqual({
      type: 'ping',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: { endpoint_id: id },
    });
    expect(received.headers).toMatchObject({ 'content-type': 'application/json' });
    const told = await api.delivery(delivery);
    expect(told).toMatchObject({
      status: 'delivered',
      message_id: received.headers['webhook-id'],
      attempts: 1,
      next_attempt_at: null,
      last_http_status: 200,
      last_fault: null,
      message: received.message,
      attempts_made: [{ number: 1, http_status: 200, fault: null, error: null, answer_excerpt: 'thank you' }],
    });
    expect(outcomes.at(-1)).toBe('delivered');
  });

  test('that fails is tried again later under the same id, and its endpoint is no failing one once it is delivered', async () => {
    const { path, id, delivery, secret, at } = await pinged();
    receiver.on(
      path,
      status(500, {}, 'oh\u0000 no'),
      status(302, { location: receiver.url('/elsewhere') }),
      ok,
    );
    await api.send();
    await api.send();
    expect(at()).toHaveLength(1);
    expect(await endpointOf(id)).toMatchObject({ active: true, failing_since: expect.any(String) });
    await api.later();
    await api.send();
    await api.later();
    await api.send();
    expect(new Set(at().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    for (const received of at()) verified(secret, received);
    const told = await api.delivery(delivery);
    expect(told.attempts_made).toMatchObject([
      { number: 1, http_status: 500, fault: 'status', error: 'answered 500', answer_excerpt: 'oh  no' },
      { number: 2, http_status: 302, fault: 'redirected', error: 'answered 302: redirects are not followed' },
      { number: 3, http_status: 204, fault: null },
    ]);
    expect(receiver.received.some((one) => one.path === '/elsewhere')).toBe(false);
    expect((await endpointOf(id)).failing_since).toBeNull();
  });

  test('waits as long as the receiver asks', async () => {
    const { path, delivery } = await pinged();
    receiver.on(path, status(429, { 'retry-after': '7200' }));
    await api.send();
    const told = await api.delivery(delivery);
    const waitS = (Date.parse(told.next_attempt_at) - Date.parse(told.created_at)) / 1_000;
    expect(waitS).toBeGreaterThan(7_100);
    expect(waitS).toBeLessThan(7_300);
  });

  test('is given up after ten attempts, and sent again on request with the same id', async () => {
    const { path, delivery, at } = await pinged();
    receiver.on(path, status(503));
    for (let tries = 0; tries < 12; tries += 1) {
      await api.later();
      await api.send();
    }
    expect(at()).toHaveLength(10);
    expect(await api.delivery(delivery)).toMatchObject({
      status: 'failed',
      attempts: 10,
      next_attempt_at: null,
    });
    expect(outcomes.at(-1)).toBe('given_up');
    receiver.on(path, ok);
    const again = await api.call('POST', `${DELIVERIES}/${delivery}/redeliver`);
    expect([again.status, again.body.status]).toEqual([202, 'pending']);
    await api.send();
    expect(await api.delivery(delivery)).toMatchObject({ status: 'delivered', attempts: 11 });
    expect(new Set(at().map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('is signed with both secrets after a rotation, and with the new one alone when a day is over', async () => {
    const { path, id, secret, delivery, at } = await pinged();
    const rotated = await api.call('POST', `${ENDPOINTS}/${id}/rotate-secret`);
    await api.send();
    const [first] = at();
    if (!first) throw new Error('nothing came');
    verified(secret, first);
    verified(rotated.body.secret, first);
    await api.deps.database.db
      .update(notificationEndpoints)
      .set({ oldSecretUntil: sql`now()` })
      .where(eq(notificationEndpoints.id, id));
    await api.call('POST', `${DELIVERIES}/${delivery}/redeliver`);
    await api.send();
    const [second] = (await receiver.got(path, 2)).slice(1);
    if (!second) throw new Error('nothing more came');
    verified(rotated.body.secret, second);
    expect(() => verified(secret, second)).toThrow();
  });

  test('that is answered 410 switches its endpoint off, tells the others, and is final', async () => {
    const witness = await pinged();
    const { path, id, delivery, at } = await pinged();
    const late = await api.ping(id);
    receiver.on(path, status(410));
    await api.send({ perEndpoint: 1 });
    expect(await endpointOf(id)).toMatchObject({ active: false, disabled_reason: 'gone' });
    const both = [await api.delivery(delivery), await api.delivery(late)];
    expect(both.map(({ status: is }) => is)).toEqual(['failed', 'failed']);
    expect(at()).toHaveLength(1);
    expect(both.map(({ last_fault }) => last_fault).sort()).toEqual(['endpoint_inactive', 'status']);
    const told = (await receiver.got(witness.path, 2)).map(({ message }) => message);
    expect(told).toContainEqual(
      expect.objectContaining({ type: 'endpoint.disabled', data: { endpoint_id: id, reason: 'gone' } }),
    );
    const on = await api.call('PATCH', `${ENDPOINTS}/${id}`, { body: { active: true } });
    expect(on.body).toMatchObject({
      active: true,
      disabled_reason: null,
      disabled_at: null,
      failing_since: null,
    });
  });

  test('that fails after five days of nothing but failures switches its endpoint off', async () => {
    const { path, id } = await pinged();
    receiver.on(path, status(500));
    const failing = (days: number, failures: number) =>
      api.deps.database.db
        .update(notificationEndpoints)
        .set({ failingSince: sql`now() - ${`${days} days`}::interval`, failures })
        .where(eq(notificationEndpoints.id, id));
    for (const [days, failures] of [
      [4, 50],
      [6, 2],
    ] as const) {
      await failing(days, failures);
      await api.later();
      await api.send();
      expect((await endpointOf(id)).active).toBe(true);
    }
    await failing(6, 9);
    await api.later();
    await api.send();
    expect(await endpointOf(id)).toMatchObject({ active: false, disabled_reason: 'failing' });
  });

  test('whose worker is gone is sent again when its lease is over, and the lost worker writes nothing', async () => {
    const { path, delivery } = await pinged();
    const held = Promise.withResolvers<() => void>();
    receiver.on(path, (answer) => held.resolve(() => status(500)(answer, answer.req)), ok);
    const lost = api.send();
    const answerLost = await held.promise;
    await api.send();
    expect(await receiver.got(path)).toHaveLength(1);
    await api.deps.database.db
      .update(notificationDeliveries)
      .set({ leaseUntil: sql`now() - interval '1 second'` })
      .where(eq(notificationDeliveries.id, delivery));
    await api.send();
    answerLost();
    await lost;
    const [first, second] = await receiver.got(path, 2);
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    const told = await api.delivery(delivery);
    expect(told).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(told.attempts_made).toHaveLength(1);
  });

  test('of which the secret does not open is not sent, and says so', async () => {
    const { id, delivery, at } = await pinged();
    const [foreign] = await api.deps.database.db.select().from(notificationEndpoints).limit(1);
    await api.deps.database.db
      .update(notificationEndpoints)
      .set({ secretSealed: foreign?.id === id ? 'x' : (foreign?.secretSealed ?? 'x') })
      .where(eq(notificationEndpoints.id, id));
    await api.send();
    expect(at()).toEqual([]);
    expect((await api.delivery(delivery)).last_fault).toBe('secret_unreadable');
  });
});

test('the list of deliveries is filtered, and read page by page', async () => {
  const tenant = 'rival';
  const { id } = await api.endpoint(receiver.url(freshPath()), {}, tenant);
  const other = await api.endpoint(receiver.url(freshPath()), {}, tenant);
  const made = [];
  for (let n = 0; n < 5; n += 1) made.unshift(await api.ping(id, tenant));
  await api.ping(other.id, tenant);
  const ask = (query: string) =>
    api.call('GET', `${DELIVERIES}?${query}`, { tenant }).then(({ body }) => body);
  const first = await ask(`endpoint_id=${id}&limit=3`);
  const second = await ask(`endpoint_id=${id}&limit=3&cursor=${first.next_cursor}`);
  const ids = [...first.deliveries, ...second.deliveries].map((delivery: { id: string }) => delivery.id);
  expect([ids, second.next_cursor]).toEqual([made, undefined]);
  expect((await ask('status=pending')).count).toBe(6);
  await api.send();
  expect((await ask('status=pending')).count).toBe(0);
  expect((await ask('status=delivered&type=ping')).count).toBe(6);
  expect((await ask('type=run.failed')).count).toBe(0);
});

test('the log goes back thirty days, and no further', async () => {
  const [old, young] = [await pinged({ tenant: 'rival' }), await pinged({ tenant: 'rival' })];
  await api.send();
  const age = (delivery: string, days: number) => api.deps.database.sql`
    update etl.notification_messages set created_at = now() - make_interval(days => ${days})
    where id = (select message_id from etl.notification_deliveries where id = ${delivery})`;
  await age(old.delivery, 31);
  await age(young.delivery, 29);
  expect(await prune(api.deps)).toMatchObject({ notifications: 1 });
  expect((await api.delivery(old.delivery, 'rival')).code).toBe('notification.delivery_not_found');
  expect((await api.delivery(young.delivery, 'rival')).attempts_made).toHaveLength(1);
});

describe('a receiver that hangs', () => {
  test('holds no more than its share, and delays no other tenant', async () => {
    const tenant = 'slow';
    const slow = freshPath();
    receiver.on(slow, hang);
    for (let n = 0; n < 3; n += 1) {
      const { id } = await api.endpoint(receiver.url(slow), {}, tenant);
      for (let pings = 0; pings < 6; pings += 1) await api.ping(id, tenant);
    }
    const quick = await pinged();
    const webhooks = createHttpWebhookSender({
      allowPrivate: true,
      limits: { answerMs: 60_000, totalMs: 60_000 },
    });
    const leave = new AbortController();
    const senders = [1, 2].map(() => createNotificationSender({ ...api.deps, webhooks }));
    const sending = senders.map((sender) => sender.sendDue(leave.signal));
    await receiver.got(quick.path);
    await receiver.got(slow, 8);
    const later = await pinged();
    for (const sender of senders) await sender.sendDue(leave.signal);
    await receiver.got(later.path);
    expect(receiver.received.filter(({ path }) => path === slow)).toHaveLength(8);
    const rows = await api.deps.database.db
      .select()
      .from(notificationDeliveries)
      .where(eq(notificationDeliveries.status, 'sending'));
    const perEndpoint = Map.groupBy(
      rows.filter((row) => row.tenantId === tenant),
      (row) => row.endpointId,
    );
    expect(Math.max(...[...perEndpoint.values()].map(({ length }) => length))).toBeLessThanOrEqual(4);
    receiver.on(slow, ok);
    leave.abort(new Error('the worker ends'));
    await Promise.all(sending);
    const waiting = await api.call('GET', `${DELIVERIES}?status=pending&limit=50`, { tenant });
    expect(waiting.body.deliveries.map(({ attempts }: { attempts: number }) => attempts)).toEqual(
      Array.from({ length: 18 }, () => 0),
    );
  });
});

test('an attempt is one line of the log, with ids and without a secret, a body or the path of a url', async () => {
  lines.length = 0;
  const { path, id, secret, delivery } = await pinged();
  receiver.on(path, status(500, {}, 'the answer'));
  await api.send();
  const told = lines.filter((line) => line.includes('"event":"notification.') && line.includes(delivery));
  expect(told.map((line) => JSON.parse(line))).toEqual([
    expect.objectContaining({
      event: 'notification.not_delivered',
      tenant_id: 'acme',
      endpoint_id: id,
      delivery_id: delivery,
      webhook_id: expect.stringMatching(/^msg_[0-9a-f]{32}$/),
      type: 'ping',
      attempt: 1,
      next: 'pending',
      status: 500,
      fault: 'status',
      duration_ms: expect.any(Number),
    }),
  ]);
  for (const hidden of [secret.slice(6), path, 'the answer']) expect(lines.join('')).not.toContain(hidden);
});
