import type { Deps } from '../context.ts';
import type { LogIds } from '../log.ts';
import { JOB_NAMES, JOBS, type JobDefinition, type Pool } from '../queues/catalog.ts';
import type { DeliveredJob, JobHandlers } from '../queues/ports.ts';

/** The same handlers; each delivery is told when it is taken and when it has ended. A tick comes every few seconds and is told to who asks for it. */
export function toldHandlers({ log }: Deps, pool: Pool, handlers: JobHandlers): JobHandlers {
  const told = JOB_NAMES.flatMap((name) => {
    // what a handler of this name takes is what the queue delivers under it
    const handle = handlers[name] as ((job: DeliveredJob) => Promise<void>) | undefined;
    return handle ? [[name, (job: DeliveredJob) => tell(job, handle)]] : [];
  });
  return Object.fromEntries(told);

  async function tell(job: DeliveredJob, handle: (job: DeliveredJob) => Promise<void>): Promise<void> {
    const startedAt = performance.now();
    const ids = idsOf(job, pool);
    const { everyMs }: JobDefinition = JOBS[job.name];
    const level = everyMs === undefined ? 'info' : 'debug';
    const end = (failed: boolean) => {
      const duration_ms = Math.round(performance.now() - startedAt);
      log[level]({ event: 'job.ended', ...ids, failed, duration_ms }, 'job ended');
    };
    log.debug({ event: 'job.taken', ...ids }, 'job taken');
    try {
      await handle(job);
    } catch (error) {
      end(true);
      throw error;
    }
    end(false);
  }
}

function idsOf({ name, payload, attempt }: DeliveredJob, pool: Pool): LogIds {
  const { runId, taskId, mappingJobId } = payload as Partial<Record<string, string>>;
  return {
    pool,
    job: name,
    attempt,
    ...(runId ? { run_id: runId } : {}),
    ...(taskId ? { task_id: taskId } : {}),
    ...(mappingJobId ? { mapping_job_id: mappingJobId } : {}),
  };
}
