import type { Queue } from 'bullmq';
import { POOLS, type Pool } from './catalog.ts';
import { createConsumer } from './consumer.ts';
import { answerOf } from './deadline.ts';
import type { Consumer, ConsumerOptions, Producer, QueueLook } from './ports.ts';
import { openPostgresBackend } from './postgres-backend.ts';
import { createProducer } from './producer.ts';
import { openRedisBackend, type RedisSilence } from './redis-backend.ts';
import { upsertTicks } from './tick.ts';

export interface QueueStoreOptions {
  /** Absent: the queues are in Postgres. */
  redisUrl?: string | null;
  databaseUrl: string;
  /** Of every Redis key. */
  prefix?: string;
  /** How long a producer waits for the store before it fails. */
  timeoutMs?: number;
  /** How long Redis may be silent. */
  silence?: RedisSilence;
}

export type JobState = 'waiting' | 'active' | 'delayed' | 'completed' | 'failed';

export interface QueueStore {
  readonly kind: 'redis' | 'postgres';
  /** Shares the store's connections: close the store, not the producer. */
  producer(): Producer;
  /** Close consumers before the store. */
  consumer(options: ConsumerOptions): Consumer;
  /** Puts the pool's ticks on its queue if they are not there. */
  upsertTicks(pool: Pool): Promise<void>;
  /** Cheap enough for every few seconds. Throws UnavailableError `queue.unavailable`. */
  look(pool: Pool): Promise<QueueLook>;
  counts(): Promise<Record<Pool, Record<JobState, number>>>;
  /** BullMQ's queues, for its dashboard only. */
  rawQueues(): Queue[];
  close(): Promise<void>;
}

const TIMEOUT_MS = 2_000;

/**
 * Opens the queues where the installation has them; nothing else knows where that is.
 * Throws UnavailableError `queue.unavailable`, InvalidError `queue.redis_evicts`.
 */
export async function openQueueStore({
  redisUrl,
  databaseUrl,
  prefix = 'ivory',
  timeoutMs = TIMEOUT_MS,
  silence,
}: QueueStoreOptions): Promise<QueueStore> {
  const backend = redisUrl
    ? await openRedisBackend(redisUrl, { prefix, timeoutMs, silence })
    : await openPostgresBackend(databaseUrl, timeoutMs);
  return {
    kind: redisUrl ? 'redis' : 'postgres',
    producer: () => createProducer(backend, timeoutMs),
    consumer: (options) => createConsumer(backend, options),
    upsertTicks: (pool) => upsertTicks(backend, pool, timeoutMs),
    look: (pool) => answerOf(() => lookAt(backend.queues[pool]), timeoutMs),
    counts: () => answerOf(() => countJobs(backend.queues), timeoutMs),
    rawQueues: () => POOLS.map((pool) => backend.queues[pool]),
    close: () => backend.close(),
  };
}

async function lookAt(queue: Queue): Promise<QueueLook> {
  const [waiting, paused] = await Promise.all([queue.getWaitingCount(), queue.isPaused()]);
  return { waiting, paused };
}

async function countJobs(queues: Record<Pool, Queue>): Promise<Record<Pool, Record<JobState, number>>> {
  const [scheduler, runner, transform, mapping] = await Promise.all([
    countOf(queues.scheduler),
    countOf(queues.runner),
    countOf(queues.transform),
    countOf(queues.mapping),
  ]);
  return { scheduler, runner, transform, mapping };
}

async function countOf(queue: Queue): Promise<Record<JobState, number>> {
  const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  const { waiting = 0, active = 0, delayed = 0, completed = 0, failed = 0 } = counts;
  return { waiting, active, delayed, completed, failed };
}
