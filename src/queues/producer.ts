import { InvalidError } from '../errors.ts';
import type { QueueBackend } from './backend.ts';
import { JOBS, type JobName, POOLS, type Pool } from './catalog.ts';
import { answerOf } from './deadline.ts';
import { jobOptions } from './job-options.ts';
import { parsePayload } from './payload.ts';
import type { AddOptions, Producer } from './ports.ts';

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
  async function addAll(jobs: readonly BulkJob[]): Promise<void> {
    for (const pool of POOLS) {
      const own = jobs.filter((job) => job.pool === pool);
      for (let start = 0; start < own.length; start += BULK_SIZE) {
        await answerOf(() => backend.queues[pool].addBulk(own.slice(start, start + BULK_SIZE)), timeoutMs);
      }
    }
  }
  return {
    add: async (name, payload, options) => addAll([bulkJob(name, payload, options)]),
    addMany: async (jobs) =>
      addAll(jobs.map(({ name, payload, jobId }) => bulkJob(name, payload, { jobId }))),
    async ping(signal) {
      await answerOf(() => backend.ping(), timeoutMs, signal);
    },
    close: async () => {},
  };
}

function bulkJob(name: JobName, payload: unknown, { jobId, delayMs }: AddOptions = {}): BulkJob {
  if (jobId !== undefined && !JOB_ID.test(jobId)) {
    throw new InvalidError('queue.job_id_invalid', `The job id "${jobId}" holds ":" or is only digits.`);
  }
  const data = parsePayload(name, payload);
  return { pool: JOBS[name].pool, name, data, opts: { ...jobOptions(name), jobId, delay: delayMs } };
}
