import { setTimeout as wait } from 'node:timers/promises';
import { AppError, messageOf } from '../errors.ts';
import { openQueueStore, type QueueStore, type QueueStoreOptions } from './connection.ts';

const PAUSE_MS = 500;

export interface Patience {
  /** How long the store may take to come up. */
  withinMs: number;
  /** Told once, when the first try has failed. */
  onWait(message: string): void;
}

/**
 * Opens the queue store of a starting process, which may come up before its store does.
 * Throws what openQueueStore throws: at once what waiting cannot mend, else after the time.
 */
export async function openPatiently(
  options: QueueStoreOptions,
  { withinMs, onWait }: Patience,
): Promise<QueueStore> {
  const deadline = performance.now() + withinMs;
  for (let tries = 0; ; tries++) {
    try {
      return await openQueueStore(options);
    } catch (error) {
      const hopeless = !(error instanceof AppError) || error.retry === 'terminal';
      if (hopeless || performance.now() > deadline) throw error;
      if (tries === 0) onWait(messageOf(error));
      await wait(PAUSE_MS);
    }
  }
}
