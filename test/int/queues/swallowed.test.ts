import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, type TestContext, test, vi } from 'vitest';
import { createRedisRates } from '../../../src/adapters/rates/redis.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import type { RedisSilence } from '../../../src/queues/redis-backend.ts';
import { redisUrl } from '../../harness/redis.ts';
import { type RedisServer, startRedis } from '../../harness/redis-server.ts';
import { openSwallowingProxy, type SwallowingProxy } from '../../harness/swallowing-proxy.ts';
import { until } from '../../harness/until.ts';
import { createInbox } from './inbox.ts';

const UNAVAILABLE = { code: 'queue.unavailable', retry: 'transient' };
const LONG_MS = 60_000;

// a calm machine takes a sixth of it
vi.setConfig({ testTimeout: 90_000 });

describe.skipIf(redisUrl() === null)('a Redis connection on which everything is swallowed', () => {
  let redis: RedisServer | null;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.stop();
  });

  async function openProxy({ onTestFinished }: TestContext): Promise<SwallowingProxy & { url: string }> {
    const proxy = await openSwallowingProxy(redis?.port ?? 0);
    onTestFinished(() => proxy.close());
    return { ...proxy, url: `redis://127.0.0.1:${proxy.port}` };
  }

  async function openQueues({ onTestFinished }: TestContext, url: string, silence: RedisSilence) {
    const inbox = createInbox<string>();
    const store = await openQueueStore({ redisUrl: url, databaseUrl: '', prefix: randomUUID(), silence });
    let held: Promise<void> | null = null;
    const consumer = store.consumer({
      pool: 'runner',
      concurrency: 2,
      handlers: {
        'execute-run': async ({ payload }) => {
          inbox.put(payload.runId);
          await held;
        },
      },
      onError: () => {},
    });
    onTestFinished(async () => {
      await consumer.close(0);
      await store.close();
    });
    await consumer.ready();
    const hold = (ended: Promise<void> | null) => {
      held = ended;
    };
    return { inbox, producer: store.producer(), hold };
  }

  test.concurrent('is left by producers and consumers, in the middle of a job as well', async (context) => {
    const { expect } = context;
    const proxy = await openProxy(context);
    const silence = { askingMs: 1_000, waitingMs: 6_500 };
    const { inbox, producer, hold } = await openQueues(context, proxy.url, silence);
    const ended = Promise.withResolvers<void>();
    hold(ended.promise);
    await producer.add('execute-run', { runId: randomUUID() });
    await inbox.hold(1);

    proxy.swallow();
    hold(null);
    ended.resolve();
    await expect(producer.add('execute-run', { runId: randomUUID() })).rejects.toMatchObject(UNAVAILABLE);
    proxy.restore();

    const after = randomUUID();
    const again = () =>
      producer.add('execute-run', { runId: after }, { jobId: `execute-${after}-1` }).then(
        () => true,
        () => false,
      );
    await until('the producer asks on another connection', again, LONG_MS);
    await until('the consumer takes the next job', () => inbox.items.includes(after), LONG_MS);
  });

  test.concurrent('is left by what counts requests', async (context) => {
    const { expect } = context;
    const proxy = await openProxy(context);
    const rates = createRedisRates({
      url: proxy.url,
      prefix: randomUUID(),
      timeoutMs: 500,
      silenceMs: 1_000,
    });
    context.onTestFinished(() => rates.close());
    const spends = () =>
      rates.spend([{ key: 'k', costMs: 1, windowMs: 1_000 }]).then(
        () => true,
        () => false,
      );
    await until('it counts', spends);
    proxy.swallow();
    expect(await spends()).toBe(false);
    proxy.restore();
    await until('it counts again', spends, LONG_MS);
  });

  test.concurrent('is told from one that is idle, or waits for a job: those stay', async (context) => {
    const { expect } = context;
    const proxy = await openProxy(context);
    const { inbox, producer } = await openQueues(context, proxy.url, { askingMs: 7_000, waitingMs: 30_000 });
    await producer.add('execute-run', { runId: randomUUID() });
    await inbox.hold(1);
    const taken = proxy.taken();
    // nobody asks anything for as long as a job waits for its time
    await producer.add('execute-run', { runId: randomUUID() }, { delayMs: 9_000 });
    await inbox.hold(2);
    await producer.add('execute-run', { runId: randomUUID() });
    await inbox.hold(3);
    expect(proxy.taken()).toBe(taken);
  });
});
