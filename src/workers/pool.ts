import { hostname } from 'node:os';
import type { Deps } from '../context.ts';
import type { Pool } from '../queues/catalog.ts';
import type { QueueStore } from '../queues/connection.ts';
import type { JobHandlers, WatchedConsumer } from '../queues/ports.ts';
import { toldHandlers } from './told-handlers.ts';

export interface WorkerOptions {
  store: QueueStore;
  pool: Pool;
  /** Jobs this process works on at once. */
  concurrency: number;
}

export interface PoolWorker {
  /** What its health is judged by. */
  consumers: readonly WatchedConsumer[];
  /** Takes no more work and waits for what is running; after the grace it is stopped and handed back. */
  close(graceMs?: number): Promise<void>;
}

/** Starts one pool in this process and waits until it takes jobs. */
export async function startPool(
  deps: Deps,
  options: WorkerOptions,
  handlers: JobHandlers,
): Promise<PoolWorker> {
  const { store, pool, concurrency } = options;
  const consumer = store.consumer({
    pool,
    handlers: toldHandlers(deps, pool, handlers),
    concurrency,
    onEnded: (job) => deps.metrics.jobEnded({ pool, ...job }),
    onError: (error, where) =>
      deps.log.warn({ event: 'queue.error', pool, where, err: error }, 'the queue reports an error'),
  });
  await consumer.ready();
  deps.log.info({ event: 'worker.ready', pool, concurrency }, 'worker ready');
  const watched = { pool, concurrency, state: consumer.state, look: () => store.look(pool) };
  return { consumers: [watched], close: consumer.close };
}

/** Names this process in leases: host, process, and a random part, since process ids come again. */
export function workerIdFor(deps: Deps): string {
  return `${hostname()}:${process.pid}:${deps.newId().slice(0, 8)}`;
}
