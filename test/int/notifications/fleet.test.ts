import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createEndpoint } from '../../../src/services/notifications/create-endpoint.ts';
import { tenantContext } from '../../harness/connectors.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import type { IvoryProcess } from '../../harness/processes.ts';
import { until } from '../../harness/until.ts';
import { deliveryRows } from './fixture.ts';
import { hang, ok, openReceiver, type Receiver, verified } from './receiver.ts';

vi.setConfig({ testTimeout: 90_000 });

let ivory: Installation;
let receiver: Receiver;
let secret: string;
let mapping: IvoryProcess;
beforeAll(async () => {
  receiver = await openReceiver();
  ivory = await openInstallation({ queues: 'redis' });
  ivory.environment['NOTIFY_ALLOW_PRIVATE'] = 'true';
  const made = await createEndpoint(tenantContext(ivory.deps), {
    url: receiver.url('/acme'),
    description: null,
    events: null,
    connectorIds: null,
    active: true,
  });
  secret = made.secret;
  [mapping] = await Promise.all([
    ivory.start('worker', 'mapping'),
    ivory.start('worker', 'scheduler', 'runner', 'transform'),
  ]);
}, 60_000);
afterAll(async () => {
  await receiver.close();
  await ivory.close();
});

test('real processes tell of real runs, each once, and of the connector that is stopped', async () => {
  const good = await ivory.connector({ rows: 4 });
  const bad = await ivory.connector({}, { tapName: 'tap-unknown', consecutiveFailures: 2 });
  const other = await ivory.connector({ rows: 4 }, { tenantId: 'rival' });
  await Promise.all([good, bad, other].map((connector) => ivory.ended(connector)));
  const got = await receiver.got('/acme', 3);
  for (const received of got) verified(secret, received);
  const told = got.map(({ message }) => [message.type, message.data['connector_id']]);
  expect(told.sort()).toEqual([
    ['connector.error', bad.id],
    ['run.completed', good.id],
    ['run.failed', bad.id],
  ]);
  const completed = got.find(({ message }) => message.type === 'run.completed')?.message;
  const run = await ivory.run(good);
  expect(completed?.data).toMatchObject({
    run_id: run.id,
    rows_synced: 4,
    rows_loaded: 4,
    transform_errors: 0,
  });
});

test('a worker killed between sending and writing it down, and a queue that forgets everything: it is sent again under its id', async () => {
  const before = receiver.received.length;
  receiver.on('/acme', hang);
  const connector = await ivory.connector({ rows: 4 });
  await ivory.ended(connector);
  const got = await receiver.got('/acme', before + 1);
  await mapping.end('SIGKILL');
  if (ivory.redis) {
    const redis = new Redis(ivory.redis.url);
    await redis.flushall();
    redis.disconnect();
  }
  receiver.on('/acme', ok);
  await ivory.deps.database
    .sql`update etl.notification_deliveries set lease_until = now() where status = 'sending'`;
  await ivory.start('worker', 'mapping');
  const [first, second] = (await receiver.got('/acme', before + 2)).slice(before);
  expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
  expect(got.at(-1)?.message.data).toMatchObject({ connector_id: connector.id });
  await until('it is written down', async () => {
    const last = (await deliveryRows(ivory.deps)).at(-1);
    return last?.status === 'delivered' && last.attempts === 1;
  });
});
