import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { openQueueStore } from '../../../src/queues/connection.ts';
import type { DeliveredJob } from '../../../src/queues/ports.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';
import { createInbox } from './inbox.ts';

test.skipIf(redisUrl() === null)(
  'with a prefix in braces the queues run on a Redis in cluster mode, where a script may touch one slot only',
  async () => {
    const redis = await startRedis({ flags: ['--cluster-enabled', 'yes'] });
    const admin = new Redis(redis?.url ?? '', { lazyConnect: true, enableReadyCheck: false });
    try {
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383');
      await expect
        .poll(() => admin.call('CLUSTER', 'INFO'), { timeout: 15_000 })
        .toContain('cluster_state:ok');
      const open = { redisUrl: redis?.url ?? '', databaseUrl: 'postgres://nobody@127.0.0.1:1/none' };
      const store = await openQueueStore({ ...open, prefix: '{ivory}' });
      const inbox = createInbox<DeliveredJob<'execute-run'>>();
      const options = { pool: 'runner', concurrency: 1, onError: () => {} } as const;
      const consumer = store.consumer({
        ...options,
        handlers: { 'execute-run': async (job) => inbox.put(job) },
      });
      try {
        await consumer.ready();
        await store.upsertTicks('scheduler');
        const runId = randomUUID();
        await store.producer().addMany([
          { name: 'execute-run', payload: { runId }, jobId: `execute-${runId}-0` },
          { name: 'load-run', payload: { runId }, jobId: `load-${runId}-0` },
        ]);
        expect(await inbox.hold(1)).toMatchObject([{ payload: { runId } }]);
        expect((await admin.keys('*')).filter((key) => !key.startsWith('{ivory}:'))).toEqual([]);
      } finally {
        await consumer.close(0);
        await store.close();
      }
    } finally {
      admin.disconnect();
      await redis?.stop();
    }
  },
);
