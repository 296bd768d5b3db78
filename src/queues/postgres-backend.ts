import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import { QUEUE_SETTINGS, type QueueBackend, WORKER_SETTINGS } from './backend.ts';
import { POOLS, type Pool } from './catalog.ts';
import { answerOf, settledWithin } from './deadline.ts';
import { steadyWorker } from './steady-worker.ts';

const SCHEMA = 'bullmq';
const CLOSE_MS = 2_000;
const MIGRATION_MS = 60_000;

/**
 * BullMQ on Postgres, in a schema of its own, which it migrates under an advisory lock.
 * Throws UnavailableError `queue.unavailable` when it does not answer.
 */
export async function openPostgresBackend(url: string, timeoutMs: number): Promise<QueueBackend> {
  const pool = new pg.Pool({
    connectionString: url,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'ivory-queue',
    max: 4,
    keepAlive: true,
    connectionTimeoutMillis: timeoutMs,
  });
  // BullMQ's queues and our own calls report what fails; an idle connection that drops is replaced.
  pool.on('error', () => {});
  try {
    await answerOf(() => migrate(pool), MIGRATION_MS);
    return await serve(url, pool, timeoutMs);
  } catch (error) {
    pool.end().catch(() => {});
    throw error;
  }
}

async function serve(url: string, pool: pg.Pool, timeoutMs: number): Promise<QueueBackend> {
  const queues = openQueues(pool);
  await answerOf(() => Promise.all(POOLS.map((name) => queues[name].waitUntilReady())), timeoutMs);
  return {
    queues,
    openWorker: (name, processor, concurrency, { onError, onLockLost }) => {
      const make = () => {
        const connection = workerConnection(url, concurrency);
        const settings = { ...WORKER_SETTINGS, connection, concurrency };
        const worker = new Worker(name, processor, settings, createPostgresBackend);
        worker.on('error', onError);
        worker.on('lockRenewalFailed', onLockLost);
        // its pool connects anew by itself: whether the server answers is asked of the queues
        return { worker, isConnected: () => true, disconnect: () => {} };
      };
      return steadyWorker(make, onError);
    },
    ping: () => pool.query('select 1'),
    async close() {
      await settledWithin(Promise.all(POOLS.map((name) => queues[name].close())), CLOSE_MS);
      await settledWithin(pool.end(), CLOSE_MS);
    },
  };
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    client.release();
  }
}

/** A worker has its own connections: finishing jobs never waits behind producers. One more listens. */
function workerConnection(url: string, concurrency: number) {
  return {
    connectionString: url,
    schema: SCHEMA,
    max: Math.min(concurrency, 4) + 1,
    keepAlive: true,
    connectionTimeoutMillis: 10_000,
  };
}

function openQueues(pool: pg.Pool): Record<Pool, Queue> {
  const open = (name: Pool) => {
    const queue = new Queue(name, { ...QUEUE_SETTINGS, connection: pool }, createPostgresBackend);
    // A producer learns of an outage by its own failing call.
    queue.on('error', () => {});
    // BullMQ's type says which store is behind a queue; what we and the dashboard call is the same for all.
    return queue as unknown as Queue;
  };
  return {
    scheduler: open('scheduler'),
    runner: open('runner'),
    transform: open('transform'),
    mapping: open('mapping'),
  };
}
