import type { JobName, JobPayload, Pool } from './catalog.ts';

/** Puts jobs on queues. Fails fast (UnavailableError `queue.unavailable`) when the queue store is down. */
export interface Producer {
  add<Name extends JobName>(name: Name, payload: JobPayload<Name>, options?: AddOptions): Promise<void>;
  /** Many jobs in few round trips; all or an error. Payloads are checked as in add. */
  addMany(jobs: readonly QueuedJob[], options?: AddManyOptions): Promise<void>;
  ping(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface AddManyOptions {
  /** A job of the same id that has ended (and would keep this one off the queue) is taken off first. */
  replaceEnded?: boolean;
}

export interface QueuedJob {
  name: JobName;
  payload: Record<string, string>;
  jobId: string;
}

export interface AddOptions {
  /** Jobs with the same id that are still known to the queue are one. No ":" and not all digits. */
  jobId?: string;
  delayMs?: number;
}

export interface DeliveredJob<Name extends JobName = JobName> {
  name: Name;
  payload: JobPayload<Name>;
  /** Aborted when the lock is lost or the consumer must close. */
  signal: AbortSignal;
  /** True when the queue will not deliver this job again after a failure. */
  lastAttempt: boolean;
  /** From 1: how often this job has been delivered. */
  attempt: number;
}

export type JobHandlers = { [Name in JobName]?: (job: DeliveredJob<Name>) => Promise<void> };

/** Takes jobs of one pool off its queue. */
export interface Consumer {
  /** Resolves once the worker can take jobs. */
  ready(): Promise<void>;
  state(): ConsumerState;
  /** Stops taking jobs, waits up to graceMs for running ones, then aborts them. */
  close(graceMs?: number): Promise<void>;
}

export interface ConsumerState {
  connected: boolean;
  /** Jobs under way. */
  running: number;
  /** Jobs taken since the start. */
  taken: number;
}

/** A consumer and its queue, as its health is judged. */
export interface WatchedConsumer {
  pool: Pool;
  concurrency: number;
  state(): ConsumerState;
  look(): Promise<QueueLook>;
}

/** What is on a pool's queue now. */
export interface QueueLook {
  waiting: number;
  paused: boolean;
}

export interface ConsumerOptions {
  pool: Pool;
  handlers: JobHandlers;
  concurrency: number;
  onError(error: unknown, where: string): void;
  /** A delivery ended; not one that was handed back. */
  onEnded?(job: { name: string; failed: boolean; seconds: number }): void;
}
