import { DelayedError, UnrecoverableError } from 'bullmq';
import { AppError, UnavailableError } from '../errors.ts';
import type { Processor, QueueBackend, RawJob } from './backend.ts';
import { JOB_NAMES, JOBS, type JobDefinition, type JobName } from './catalog.ts';
import { settledWithin } from './deadline.ts';
import { createOutageLog } from './outage-log.ts';
import { parsePayload } from './payload.ts';
import type { Consumer, ConsumerOptions, JobHandlers } from './ports.ts';

/** With what follows, a stopped process is gone within 15 s, whatever its jobs do. */
const GRACE_MS = 7_000;
/** What an aborted job gets to put its things away. */
const ABORTED_MS = 5_000;
const DISCONNECT_MS = 3_000;
const HANDED_BACK_MS = 500;

/** Takes jobs of one pool until close. A failed job is reported through onError once an attempt, an outage once. */
export function createConsumer(backend: QueueBackend, options: ConsumerOptions): Consumer {
  const { pool, concurrency, onError } = options;
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  const outages = createOutageLog((error) => onError(error, `queue ${pool}`), backend.ping);
  let taken = 0;
  let isClosing = false;
  const processor: Processor = async (job, token, signal) => {
    // BullMQ may have asked for one more just when it was told to stop
    if (isClosing) return handBack(job, token);
    taken += 1;
    const run = processJob(job, token, signal, closing.signal, options);
    running.add(run);
    await run.finally(() => running.delete(run));
  };
  const worker = backend.openWorker(pool, processor, concurrency, {
    onError: outages.note,
    onLockLost: (jobIds) => {
      for (const id of jobIds) worker.cancelJob(id, 'the lock was lost');
    },
  });
  async function close(graceMs = GRACE_MS): Promise<void> {
    isClosing = true;
    outages.close();
    const closed = worker.close();
    const idle = () => Promise.race([closed, Promise.allSettled(running)]);
    if (!(await settledWithin(idle(), graceMs))) {
      closing.abort();
      await settledWithin(idle(), ABORTED_MS);
    }
    if (!(await settledWithin(closed, DISCONNECT_MS))) worker.abandon();
    closing.abort();
  }
  let closed: Promise<void> | undefined;
  return {
    ready: () => worker.ready(),
    state: () => ({ connected: worker.isConnected(), running: running.size, taken }),
    close: (graceMs) => {
      closed ??= close(graceMs);
      return closed;
    },
  };
}

async function processJob(
  job: RawJob,
  token: string | undefined,
  lock: AbortSignal | undefined,
  closing: AbortSignal,
  { handlers, onError, onEnded }: ConsumerOptions,
): Promise<void> {
  const startedAt = performance.now();
  const ended = (failed: boolean) =>
    onEnded?.({ name: job.name, failed, seconds: (performance.now() - startedAt) / 1000 });
  try {
    await deliver(job, AbortSignal.any(lock ? [lock, closing] : [closing]), handlers);
    ended(false);
  } catch (error) {
    if (closing.aborted) return handBack(job, token);
    ended(true);
    onError(error, `job ${job.name} ${job.id}`);
    throw shownOf(error);
  }
}

/** What stays at a job for all who see the queues: never words of a driver, which may quote a row. The log has them. */
function shownOf(error: unknown): Error {
  const isKnown = error instanceof AppError;
  const text = isKnown ? `${error.code}: ${error.message}` : 'failed; the log of the worker says why';
  const shown = isKnown && error.retry === 'terminal' ? new UnrecoverableError(text) : new Error(text);
  shown.stack = text;
  return shown;
}

/** A job we cut short is another worker's next one; that is no failed attempt. */
async function handBack(job: RawJob, token: string | undefined): Promise<void> {
  await job.moveToDelayed(Date.now() + HANDED_BACK_MS, token);
  throw new DelayedError();
}

async function deliver(job: RawJob, stop: AbortSignal, handlers: JobHandlers): Promise<void> {
  const name = JOB_NAMES.find((known) => known === job.name);
  if (name === undefined || handlers[name] === undefined) {
    throw new UnavailableError('queue.no_handler', `This worker does not know the job ${job.name}.`);
  }
  const { timeoutMs }: JobDefinition = JOBS[name];
  const late = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const work = handle(name, job, late ? AbortSignal.any([stop, late]) : stop, handlers);
  if (late === null) return work;
  await Promise.race([work, overdue(late, name)]);
}

async function handle<Name extends JobName>(
  name: Name,
  job: RawJob,
  signal: AbortSignal,
  handlers: JobHandlers,
): Promise<void> {
  const payload = parsePayload(name, job.data);
  const attempt = job.attemptsMade + 1;
  const lastAttempt = attempt >= (job.opts.attempts ?? 1);
  await handlers[name]?.({ name, payload, signal, lastAttempt, attempt });
}

/** Rejects a while after the signal: a handler that honours it has ended by then. */
function overdue(late: AbortSignal, name: JobName): Promise<never> {
  return new Promise((_, reject) => {
    const give = () =>
      reject(new UnavailableError('queue.job_overdue', `The job ${name} did not end in its time.`));
    late.addEventListener('abort', () => setTimeout(give, ABORTED_MS).unref(), { once: true });
  });
}
