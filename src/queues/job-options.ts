import { JOBS, type JobName } from './catalog.ts';

const DAY_S = 24 * 3600;
/** Kept for the operator's eyes; Postgres holds the history. */
const KEEP_COMPLETED = { age: 3_600, count: 500 };
const KEEP_FAILED = { age: 7 * DAY_S, count: 2_000 };

/** How a job of this name is tried again and for how long its end stays visible. */
export function jobOptions(name: JobName) {
  const { attempts, backoff } = JOBS[name];
  return { attempts, backoff, removeOnComplete: KEEP_COMPLETED, removeOnFail: KEEP_FAILED };
}
