import type { Queue } from 'bullmq';
import { InvalidError } from '../errors.ts';
import type { QueueBackend } from './backend.ts';
import { JOBS, type JobDefinition, type JobName, POOLS, type Pool } from './catalog.ts';
import { coalesce } from './coalesce.ts';
import { answerOf } from './deadline.ts';
import { jobOptions } from './job-options.ts';
import { parsePayload } from './payload.ts';
import type { AddManyOptions, AddOptions, Producer } from './ports.ts';

interface BulkJob {
  pool: Pool;
  name: JobName;
  data: unknown;
  opts: ReturnType<typeof jobOptions> & { jobId?: string; delay?: number };
}

/** Jobs one call carries: few enough that it ends well within the time a producer waits. */
const BULK_SIZE = 200;
/** BullMQ keeps ":" and numbers for itself. */
const JOB_ID = /^(?!\d+$)[^:]+$/;

/** The producer over a backend whose connections others close. */
export function createProducer(backend: QueueBackend, timeoutMs: number): Producer {
  async function addAll(
    jobs: readonly BulkJob[],
    { replaceEnded = false }: AddManyOptions = {},
  ): Promise<void> {
    for (const pool of POOLS) {
      const queue = backend.queues[pool];
      const own = jobs.filter((job) => job.pool === pool);
      for (let start = 0; start < own.length; start += BULK_SIZE) {
        const bulk = own.slice(start, start + BULK_SIZE);
        if (replaceEnded) await answerOf(() => removeEnded(queue, bulk), timeoutMs);
        await answerOf(() => queue.addBulk(bulk), timeoutMs);
      }
    }
  }
  const nudges = new Map<JobName, () => Promise<void>>();
  /** A tick's job that is sent between ticks carries nothing: one is as good as many. */
  function nudge(name: JobName): Promise<void> {
    const send = nudges.get(name) ?? coalesce(() => addAll([bulkJob(name, {})]));
    nudges.set(name, send);
    return send();
  }
  return {
    add: async (name, payload, options) =>
      isTick(name) && options === undefined ? nudge(name) : addAll([bulkJob(name, payload, options)]),
    addMany: async (jobs, options) =>
      addAll(
        jobs.map(({ name, payload, jobId }) => bulkJob(name, payload, { jobId })),
        options,
      ),
    async ping(signal) {
      await answerOf(() => backend.ping(), timeoutMs, signal);
    },
    close: async () => {},
  };
}

function isTick(name: JobName): boolean {
  return (JOBS[name] as JobDefinition).everyMs !== undefined;
}

/** Ended jobs stay visible for a while, and as long as they do their ids are taken. */
async function removeEnded(queue: Queue, jobs: readonly BulkJob[]): Promise<void> {
  const known = await Promise.all(
    jobs.map(({ opts }) => (opts.jobId ? queue.getJob(opts.jobId) : undefined)),
  );
  // Another sweep may have removed it a moment ago.
  await Promise.all(known.map((job) => (job?.finishedOn ? job.remove().catch(() => {}) : undefined)));
}

function bulkJob(name: JobName, payload: unknown, { jobId, delayMs }: AddOptions = {}): BulkJob {
  if (jobId !== undefined && !JOB_ID.test(jobId)) {
    throw new InvalidError('queue.job_id_invalid', `The job id "${jobId}" holds ":" or is only digits.`);
  }
  const data = parsePayload(name, payload);
  return { pool: JOBS[name].pool, name, data, opts: { ...jobOptions(name), jobId, delay: delayMs } };
}
