/** One who waits for a piece of work. */
export interface Waiter {
  signal: AbortSignal;
  log(line: string): void;
}

export interface SharedWork<T> {
  /**
   * Starts the work of that key, or joins it where it is going on. A waiter whose signal aborts leaves with its reason; the work itself
   * is aborted when the last one leaves, who waits for its end.
   */
  join(key: string, waiter: Waiter, work: (worker: Waiter) => Promise<T>): Promise<T>;
}

interface Job<T> {
  outcome: Promise<T>;
  waiters: Set<Waiter>;
  stop: AbortController;
}

/** Work that many ask for at the same time and that is done once. */
export function createSharedWork<T>(): SharedWork<T> {
  const jobs = new Map<string, Job<T>>();
  return {
    async join(key, waiter, work) {
      for (;;) {
        waiter.signal.throwIfAborted();
        const job = jobs.get(key) ?? start(key, work);
        if (!job.stop.signal.aborted) return waitFor(job, waiter);
        await unlessAborted(waiter.signal, job.outcome.then(nothing, nothing));
      }
    },
  };

  function start(key: string, work: (worker: Waiter) => Promise<T>): Job<T> {
    const stop = new AbortController();
    const waiters = new Set<Waiter>();
    const log = (line: string) => {
      for (const waiter of waiters) waiter.log(line);
    };
    // Begins in the next turn, when its first waiter is there to be told.
    const outcome = Promise.resolve()
      .then(() => work({ signal: stop.signal, log }))
      .finally(() => jobs.delete(key));
    outcome.catch(nothing);
    const job = { outcome, waiters, stop };
    jobs.set(key, job);
    return job;
  }
}

async function waitFor<T>(job: Job<T>, given: Waiter): Promise<T> {
  const waiter = { ...given };
  job.waiters.add(waiter);
  try {
    return await unlessAborted(waiter.signal, job.outcome);
  } finally {
    job.waiters.delete(waiter);
    if (job.waiters.size === 0) {
      job.stop.abort();
      await job.outcome.then(nothing, nothing);
    }
  }
}

async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function nothing(): void {}
