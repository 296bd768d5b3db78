import { Counter, Histogram, type Registry } from 'prom-client';
import type { Metrics } from '../../ports/metrics.ts';
import { createClosedSet } from './closed-set.ts';

const JOB_BUCKETS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200];

/** Deliveries of jobs, and what is done in the background beside the runs. */
export function countJobs(register: Registry): Pick<Metrics, 'jobEnded' | 'notificationSent' | 'rowsPruned'> {
  const registers = [register];
  const nameOf = createClosedSet();
  const kindOf = createClosedSet();
  const jobs = new Counter({
    name: 'ivory_jobs_total',
    help: 'Deliveries of jobs that ended in this process; those handed back at a shutdown are not counted',
    labelNames: ['pool', 'name', 'outcome'],
    registers,
  });
  const duration = new Histogram({
    name: 'ivory_job_duration_seconds',
    help: 'Time one delivery took',
    labelNames: ['pool', 'name'],
    buckets: JOB_BUCKETS,
    registers,
  });
  const notifications = new Counter({
    name: 'ivory_notifications_total',
    help: 'Attempts to deliver a notification to a tenant, and notifications given up',
    labelNames: ['outcome'],
    registers,
  });
  const pruned = new Counter({
    name: 'ivory_pruned_rows_total',
    help: 'Rows deleted because they were old enough, by what they were',
    labelNames: ['kind'],
    registers,
  });
  for (const outcome of ['delivered', 'failed', 'given_up']) notifications.inc({ outcome }, 0);
  return {
    jobEnded({ pool, name: given, failed, seconds }) {
      const name = nameOf(given);
      // both stand there from the first on: a rate sees the first failure too
      for (const outcome of ['done', 'failed'])
        jobs.inc({ pool, name, outcome }, (outcome === 'failed') === failed ? 1 : 0);
      duration.observe({ pool, name }, seconds);
    },
    notificationSent: (outcome) => notifications.inc({ outcome }),
    rowsPruned: (kind, rows) => pruned.inc({ kind: kindOf(kind) }, rows),
  };
}
