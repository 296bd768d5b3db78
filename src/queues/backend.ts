import type { Job, Queue } from 'bullmq';
import type { Pool } from './catalog.ts';

export type RawJob = Pick<Job, 'id' | 'name' | 'data' | 'attemptsMade' | 'opts' | 'moveToDelayed'>;
/** Three named parameters: BullMQ passes the signal only to a function that declares it. */
export type Processor = (
  job: RawJob,
  token: string | undefined,
  signal: AbortSignal | undefined,
) => Promise<void>;

export interface RawWorker {
  /** Resolves once it takes jobs, or was closed before. */
  ready(): Promise<void>;
  isConnected(): boolean;
  close(): Promise<void>;
  cancelJob(jobId: string, reason?: string): boolean;
  /** Drops the connections without waiting for anything. */
  abandon(): void;
}

export interface WorkerEvents {
  onError(error: unknown): void;
  onLockLost(jobIds: string[]): void;
}

/** One of the stores BullMQ runs on. */
export interface QueueBackend {
  queues: Record<Pool, Queue>;
  openWorker(pool: Pool, processor: Processor, concurrency: number, events: WorkerEvents): RawWorker;
  ping(): Promise<unknown>;
  /** Closes queues and connections; waits for no answer of a store that is down. */
  close(): Promise<void>;
}

/** Kept by every store: a blocked event loop must not lose a job, an outage must end within a second of its cause. */
export const WORKER_SETTINGS = {
  autorun: false,
  lockDuration: 60_000,
  stalledInterval: 30_000,
  maxStalledCount: 5,
  runRetryDelay: 1_000,
} as const;

export const QUEUE_SETTINGS = { streams: { events: { maxLen: 1_000 } } } as const;
