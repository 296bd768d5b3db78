import { Queue, Worker } from 'bullmq';
import { Redis, type RedisOptions } from 'ioredis';
import { InvalidError } from '../errors.ts';
import { QUEUE_SETTINGS, type QueueBackend, WORKER_SETTINGS } from './backend.ts';
import { POOLS, type Pool } from './catalog.ts';
import { answerOf, settledWithin } from './deadline.ts';
import { steadyWorker } from './steady-worker.ts';

/**
 * How long a question may be without an answer before its connection counts as dead and another is made: a network may swallow
 * what is sent without closing anything. One on which nothing is asked is never cut.
 */
export interface RedisSilence {
  /** On connections whose questions are answered at once. */
  askingMs: number;
  /** On those of a worker: more than the 10 s BullMQ lets a read wait for a job. */
  waitingMs: number;
}

interface RedisBackendOptions {
  prefix: string;
  timeoutMs: number;
  silence?: RedisSilence;
}

const CLOSE_MS = 2_000;
const SILENCE: RedisSilence = { askingMs: 10_000, waitingMs: 20_000 };

/**
 * BullMQ on Redis. Throws InvalidError `queue.redis_evicts` when Redis may drop keys to make room,
 * UnavailableError `queue.unavailable` when it does not answer.
 */
export async function openRedisBackend(
  url: string,
  { prefix, timeoutMs, silence = SILENCE }: RedisBackendOptions,
): Promise<QueueBackend> {
  const connection = connect(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    socketTimeout: silence.askingMs,
  });
  try {
    await answerOf(() => untilReady(connection), timeoutMs);
    await answerOf(() => assertNoEviction(connection), timeoutMs);
    return await serve(url, connection, { prefix, timeoutMs, silence });
  } catch (error) {
    connection.disconnect();
    throw error;
  }
}

async function serve(
  url: string,
  connection: Redis,
  { prefix, timeoutMs, silence }: Required<RedisBackendOptions>,
): Promise<QueueBackend> {
  const queues = openQueues(connection, prefix);
  await answerOf(() => Promise.all(POOLS.map((pool) => queues[pool].waitUntilReady())), timeoutMs);
  return {
    queues,
    openWorker: (pool, processor, concurrency, { onError, onLockLost }) => {
      const make = () => {
        const own = connect(url, { maxRetriesPerRequest: null, socketTimeout: silence.waitingMs });
        const worker = new Worker(pool, processor, {
          ...WORKER_SETTINGS,
          connection: own,
          prefix,
          concurrency,
        });
        worker.on('error', onError);
        worker.on('lockRenewalFailed', onLockLost);
        return { worker, isConnected: () => own.status === 'ready', disconnect: () => own.disconnect() };
      };
      return steadyWorker(make, onError);
    },
    ping: () => connection.ping(),
    async close() {
      await settledWithin(Promise.all(POOLS.map((pool) => queues[pool].close())), CLOSE_MS);
      connection.disconnect();
    },
  };
}

function connect(
  url: string,
  options: Pick<RedisOptions, 'enableOfflineQueue' | 'maxRetriesPerRequest' | 'socketTimeout'>,
): Redis {
  const redis = new Redis(url, {
    ...options,
    connectTimeout: 5_000,
    keepAlive: 10_000,
    retryStrategy: (times) => Math.min(times * 100, 2_000),
  });
  // BullMQ reports the errors of the connections it uses; this keeps ioredis from printing them.
  redis.on('error', () => {});
  return redis;
}

function openQueues(connection: Redis, prefix: string): Record<Pool, Queue> {
  const open = (pool: Pool) => {
    const queue = new Queue(pool, { ...QUEUE_SETTINGS, connection, prefix });
    // A producer learns of an outage by its own failing call.
    queue.on('error', () => {});
    return queue;
  };
  return {
    scheduler: open('scheduler'),
    runner: open('runner'),
    transform: open('transform'),
    mapping: open('mapping'),
  };
}

function untilReady(connection: Redis): Promise<void> {
  if (connection.status === 'ready') return Promise.resolve();
  return new Promise((resolve) => connection.once('ready', () => resolve()));
}

async function assertNoEviction(connection: Redis): Promise<void> {
  const policy = await evictionPolicy(connection);
  if (policy === null || policy === 'noeviction') return;
  throw new InvalidError(
    'queue.redis_evicts',
    `Redis may drop jobs when memory is short (maxmemory-policy is ${policy}). Set it to noeviction: redis-cli config set maxmemory-policy noeviction.`,
  );
}

/** Managed Redis often forbids CONFIG; INFO says the same. null: neither tells. */
async function evictionPolicy(connection: Redis): Promise<string | null> {
  try {
    const answer: unknown = await connection.config('GET', 'maxmemory-policy');
    if (Array.isArray(answer) && typeof answer[1] === 'string') return answer[1];
  } catch (error) {
    if (connection.status !== 'ready') throw error;
  }
  return /^maxmemory_policy:(\S+)/m.exec(await connection.info('memory'))?.[1] ?? null;
}
