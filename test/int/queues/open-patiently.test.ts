import { expect, test } from 'vitest';
import { findFreePort } from '../../../src/embedded/free-port.ts';
import { openPatiently } from '../../../src/queues/open-patiently.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';

const noRedis = redisUrl() === null;

test.skipIf(noRedis)('a process that starts before its Redis waits for it, and says so once', async () => {
  const port = await findFreePort();
  const waits: string[] = [];
  const late = Promise.withResolvers<Awaited<ReturnType<typeof startRedis>>>();
  const options = { redisUrl: `redis://127.0.0.1:${port}`, databaseUrl: '', timeoutMs: 500 };
  const opening = openPatiently(options, {
    withinMs: 20_000,
    onWait: (message) => {
      waits.push(message);
      late.resolve(startRedis({ port }));
    },
  });
  const store = await opening;
  expect(store.kind).toBe('redis');
  expect(waits).toHaveLength(1);
  await store.close();
  await (await late.promise)?.stop();
});

test('a store that does not come up is an error after the time', async () => {
  const port = await findFreePort();
  const options = { redisUrl: `redis://127.0.0.1:${port}`, databaseUrl: '', timeoutMs: 200 };
  const opening = openPatiently(options, { withinMs: 0, onWait: () => {} });
  await expect(opening).rejects.toMatchObject({ code: 'queue.unavailable' });
});

test.skipIf(noRedis)('a Redis that evicts is refused at once', async () => {
  const redis = await startRedis({ policy: 'allkeys-lru' });
  const waits: string[] = [];
  const opening = openPatiently(
    { redisUrl: redis?.url, databaseUrl: '' },
    { withinMs: 20_000, onWait: (message) => waits.push(message) },
  );
  await expect(opening).rejects.toMatchObject({ code: 'queue.redis_evicts' });
  expect(waits).toEqual([]);
  await redis?.stop();
});
