import { z } from 'zod';

/** The four pools. Each is one queue, drained by its own kind of worker process. */
export const POOLS = ['scheduler', 'runner', 'transform', 'mapping'] as const;
export type Pool = (typeof POOLS)[number];

export interface JobDefinition<Payload extends z.ZodType = z.ZodType> {
  pool: Pool;
  payload: Payload;
  /** Deliveries before the queue gives up; the sweep starts over from the row. */
  attempts: number;
  backoff: { type: 'exponential'; delay: number; jitter: number };
  /** A tick is put on the queue by a job scheduler at this rate. */
  everyMs?: number;
  /** The delivery's signal is aborted after this time. Absent: the handler bounds itself. */
  timeoutMs?: number;
}

const nothing = z.strictObject({});
const backoff = { type: 'exponential', delay: 1_000, jitter: 0.5 } as const;

/** Every job there is. A payload carries ids only: the row is the truth, the job a nudge. */
export const JOBS = {
  /** Claims due connectors and makes their runs. Also sent as a nudge by a trigger. */
  'dispatch-due': {
    pool: 'scheduler',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 5_000,
    timeoutMs: 60_000,
  },
  /** Puts what the outbox holds on its queues. */
  'relay-outbox': {
    pool: 'scheduler',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 2_000,
    timeoutMs: 60_000,
  },
  /** Takes back runs whose worker is gone. */
  'reap-lost': {
    pool: 'scheduler',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 15_000,
    timeoutMs: 60_000,
  },
  /** Enqueues again what waits in a row but on no queue. */
  'sweep-waiting': {
    pool: 'scheduler',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 30_000,
    timeoutMs: 60_000,
  },
  /** Deletes what is kept no longer. */
  prune: {
    pool: 'scheduler',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 10 * 60_000,
    timeoutMs: 5 * 60_000,
  },
  'execute-run': { pool: 'runner', payload: z.strictObject({ runId: z.uuid() }), attempts: 5, backoff },
  /** Asks a connector's source: a check or a discovery. */
  'run-task': { pool: 'runner', payload: z.strictObject({ taskId: z.uuid() }), attempts: 3, backoff },
  'load-run': { pool: 'transform', payload: z.strictObject({ runId: z.uuid() }), attempts: 5, backoff },
  /** Compacts lakehouse tables and makes their past short. */
  'care-for-tables': {
    pool: 'transform',
    payload: nothing,
    attempts: 1,
    backoff,
    everyMs: 10 * 60_000,
    timeoutMs: 90 * 60_000,
  },
  /** Sends the notifications that are due. Also sent as a nudge by what is to be told. */
  'send-notifications': { pool: 'mapping', payload: nothing, attempts: 1, backoff, everyMs: 5_000 },
  'propose-mappings': {
    pool: 'mapping',
    payload: z.strictObject({ mappingJobId: z.uuid() }),
    attempts: 3,
    backoff,
    timeoutMs: 15 * 60_000,
  },
} as const satisfies Record<string, JobDefinition>;

export type JobName = keyof typeof JOBS;
export const JOB_NAMES = Object.keys(JOBS) as JobName[];
export type JobPayload<Name extends JobName> = z.infer<(typeof JOBS)[Name]['payload']>;

export function jobsOf(pool: Pool): JobName[] {
  return JOB_NAMES.filter((name) => JOBS[name].pool === pool);
}
