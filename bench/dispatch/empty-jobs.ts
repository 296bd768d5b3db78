import { createPostgresBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { startInstallation } from '../shared/installation.ts';

/** The best of a few sizes tried: one call of 100,000 is slower than many of 1,000. */
const BULK = 1_000;

/** Seconds BullMQ itself takes to put as many empty jobs on an empty queue of the same store, from one process. */
export async function addEmptyJobs(jobs: number, store: 'redis' | 'postgres'): Promise<number> {
  const installation = await startInstallation({ withRedis: store === 'redis' });
  const { queue, close } = openQueue(installation.databaseUrl, installation.redis?.url ?? null);
  try {
    await queue.waitUntilReady();
    const startedAt = performance.now();
    for (let start = 0; start < jobs; start += BULK) {
      const count = Math.min(BULK, jobs - start);
      await queue.addBulk(Array.from({ length: count }, () => ({ name: 'empty', data: {} })));
    }
    return (performance.now() - startedAt) / 1_000;
  } finally {
    await close();
    await installation.close();
  }
}

function openQueue(databaseUrl: string, redisUrl: string | null) {
  if (redisUrl) {
    const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
    const queue = new Queue('empty', { connection });
    const close = async () => {
      await queue.close();
      await connection.quit();
    };
    return { queue, close };
  }
  const connection = { connectionString: databaseUrl, migrate: true, max: 4 };
  const queue = new Queue('empty', { connection }, createPostgresBackend);
  return { queue, close: () => queue.close() };
}
