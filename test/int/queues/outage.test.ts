import { randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { createTestDatabase } from '../../harness/database.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';
import { backends } from './backends.ts';
import { createInbox } from './inbox.ts';

const UNAVAILABLE = { code: 'queue.unavailable', retry: 'transient' };
const FAST_MS = 3_000;

describe.each(backends())('an outage of $kind', ({ server: newServer }) => {
  it('makes producers fail fast, is reported once, and ends when the store is back', async () => {
    const server = await newServer();
    const store = await server.open();
    const inbox = createInbox<string>();
    const reported = createInbox<unknown>();
    const consumer = store.consumer({
      pool: 'runner',
      concurrency: 2,
      handlers: { 'execute-run': async ({ payload }) => inbox.put(payload.runId) },
      onError: reported.put,
    });
    onTestFinished(async () => {
      await consumer.close(0);
      await store.close();
      await server.close();
    });
    await consumer.ready();
    const producer = store.producer();
    const [before, after] = [randomUUID(), randomUUID()];
    await producer.add('execute-run', { runId: before });
    await inbox.hold(1);

    await server.stop();
    for (const call of [
      () => producer.add('execute-run', { runId: after }),
      () => producer.addMany([{ name: 'execute-run', payload: { runId: after }, jobId: 'execute-x-1' }]),
      () => producer.ping(new AbortController().signal),
      () => store.upsertTicks('scheduler'),
    ]) {
      const asked = Date.now();
      await expect(call()).rejects.toMatchObject(UNAVAILABLE);
      expect(Date.now() - asked).toBeLessThan(FAST_MS);
    }
    await reported.hold(1);

    await server.start();
    await vi.waitFor(
      () => producer.add('execute-run', { runId: after }, { jobId: `execute-${after}-1` }),
      10_000,
    );
    expect((await inbox.hold(2))[1]).toBe(after);
    expect(reported.items).toHaveLength(1);
  });

  it('that is over only after a consumer started does not keep it from its jobs', async () => {
    const server = await newServer();
    const store = await server.open();
    await server.stop();
    const inbox = createInbox<string>();
    const handlers = {
      'load-run': async ({ payload }: { payload: { runId: string } }) => inbox.put(payload.runId),
    };
    const reported = createInbox<unknown>();
    const consumer = store.consumer({ pool: 'transform', concurrency: 3, handlers, onError: reported.put });
    onTestFinished(async () => {
      await consumer.close(0);
      await store.close();
      await server.close();
    });
    await reported.hold(1);
    await server.start();
    await consumer.ready();
    const runId = randomUUID();
    await vi.waitFor(() => store.producer().add('load-run', { runId }, { jobId: `load-${runId}-1` }), 10_000);
    expect(await inbox.hold(1)).toEqual([runId]);
  });

  it('does not keep a consumer or the store from closing', async () => {
    const server = await newServer();
    const store = await server.open();
    const consumer = store.consumer({ pool: 'mapping', concurrency: 1, handlers: {}, onError: () => {} });
    await consumer.ready();
    await server.close();
    const asked = Date.now();
    await consumer.close(60_000);
    await store.close();
    expect(Date.now() - asked).toBeLessThan(10_000);
  });
});

describe('a store that cannot be opened', () => {
  it('is refused in time when something listens but never answers', async () => {
    const deaf = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => deaf.once('listening', resolve));
    const address = deaf.address();
    const at = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
    const asked = Date.now();
    await expect(
      openQueueStore({ redisUrl: `redis://${at}`, databaseUrl: 'postgres://x@127.0.0.1:1/x' }),
    ).rejects.toMatchObject(UNAVAILABLE);
    await expect(openQueueStore({ databaseUrl: `postgres://x@${at}/x` })).rejects.toMatchObject(UNAVAILABLE);
    expect(Date.now() - asked).toBeLessThan(2 * FAST_MS);
    deaf.close();
  });

  it('is migrated once when several processes open it at the same moment', async () => {
    const { url, database, close } = await createTestDatabase();
    const stores = await Promise.all([1, 2, 3, 4].map(() => openQueueStore({ databaseUrl: url })));
    const versions = await database.sql`select version from bullmq.migration`;
    expect(new Set(versions.map(({ version }) => version)).size).toBe(versions.length);
    await Promise.all(stores.map((store) => store.close()));
    await close();
  });
});

describe.skipIf(redisUrl() === null)('Redis', () => {
  const databaseUrl = 'postgres://nobody@127.0.0.1:1/none';

  it.each([[[]], [['--rename-command', 'CONFIG', '']]])(
    'that may evict jobs is refused, also where CONFIG is forbidden (%j)',
    async (flags: string[]) => {
      const evicting = await startRedis({ policy: 'allkeys-lru', flags });
      const opened = openQueueStore({ redisUrl: evicting?.url, databaseUrl });
      await expect(opened).rejects.toMatchObject({ code: 'queue.redis_evicts' });
      await evicting?.stop();
      const keeping = await startRedis({ flags });
      const store = await openQueueStore({ redisUrl: keeping?.url, databaseUrl });
      expect(store.kind).toBe('redis');
      await store.close();
      await keeping?.stop();
    },
  );

  it('that stops answering on an open connection does not hang a producer', async () => {
    const server = await startRedis();
    const store = await openQueueStore({ redisUrl: server?.url, databaseUrl });
    const producer = store.producer();
    await producer.add('dispatch-due', {});
    process.kill(server?.pid ?? 0, 'SIGSTOP');
    const asked = Date.now();
    await expect(producer.add('dispatch-due', {})).rejects.toMatchObject(UNAVAILABLE);
    expect(Date.now() - asked).toBeLessThan(FAST_MS);
    process.kill(server?.pid ?? 0, 'SIGCONT');
    await store.close();
    await server?.stop();
  });
});
