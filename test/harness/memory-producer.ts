import { InvalidError } from '../../src/errors.ts';
import { JOBS, type JobName } from '../../src/queues/catalog.ts';
import type { AddOptions, Producer } from '../../src/queues/ports.ts';

export interface RecordedJob extends AddOptions {
  name: JobName;
  payload: unknown;
}

export interface MemoryProducer extends Producer {
  /** Every job in the order it was added; a job whose id is already here is not added again. */
  jobs: RecordedJob[];
}

/** A producer whose queue is an array. It checks payloads as the real one does. */
export function createMemoryProducer(): MemoryProducer {
  const jobs: RecordedJob[] = [];
  function record(job: RecordedJob) {
    const parsed = JOBS[job.name].payload.safeParse(job.payload);
    if (!parsed.success) throw new InvalidError('queue.payload_invalid', `Not a payload of ${job.name}.`);
    if (job.jobId !== undefined && jobs.some(({ jobId }) => jobId === job.jobId)) return;
    jobs.push({ ...job, payload: parsed.data });
  }
  return {
    jobs,
    add: async (name, payload, options = {}) => record({ name, payload, ...options }),
    addMany: async (many) => many.forEach(record),
    ping: async () => {},
    close: async () => {},
  };
}
