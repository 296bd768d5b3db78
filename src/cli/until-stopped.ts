import { processEnvironment } from '../config.ts';

/** Ctrl-C reaches this process twice under npx: from the terminal, and passed on. Within this time it is one signal. */
const SAME_SIGNAL_MS = 1_000;
/** How often a process started by npx looks whether npx is still there. */
const PARENT_POLL_MS = 500;

/** Resolves at the first SIGINT or SIGTERM, or when the npx that started this process is gone. A later second signal ends the process at once. */
export function untilStopped(): Promise<string> {
  return new Promise((resolve) => {
    const stop = (reason: string) => {
      clearInterval(watch);
      const stoppedAt = performance.now();
      for (const name of ['SIGINT', 'SIGTERM'] as const) {
        process.removeListener(name, stop);
        process.on(name, () => {
          if (performance.now() - stoppedAt > SAME_SIGNAL_MS) process.exit(130);
        });
      }
      resolve(reason);
    };
    const watch = watchNpx(() => stop('npx is gone'));
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** A signal to npx reaches this process only through the shell npx started it with; some shells die of it and tell nobody. */
function watchNpx(onGone: () => void): NodeJS.Timeout | undefined {
  if (processEnvironment()['npm_lifecycle_event'] !== 'npx') return undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid !== parent) onGone();
  }, PARENT_POLL_MS);
  timer.unref();
  return timer;
}

/**
 * Ends the process in time, should what it waits for from here on not answer any more: a frozen database, a socket left open. Until it is
 * released it also keeps the process from ending before, as one does that waits for what nothing will ever answer: by exit code 13.
 */
export function endWithin(timeoutMs: number): { cancel(): void; release(): void } {
  const timer = setTimeout(() => process.exit(0), timeoutMs);
  return { cancel: () => clearTimeout(timer), release: () => void timer.unref() };
}
