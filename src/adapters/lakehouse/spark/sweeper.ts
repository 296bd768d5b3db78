import type { Log } from '../../../log.ts';
import type { RowSources } from './row-source.ts';

/** Removes what crashed workers left, now and then, while others load. */
export interface Sweeper {
  wake(): void;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

const EVERY_MS = 6 * 3600 * 1000;
/** Longer than any load: a run is ended after 24 days at most, and by default after six hours. */
const ABANDONED_MS = 25 * 24 * 3600 * 1000;

export function createSweeper(sources: RowSources, { log, now }: { log: Log; now(): Date }): Sweeper {
  let sweptAt = Number.NEGATIVE_INFINITY;
  let sweeping: Promise<void> = Promise.resolve();

  async function sweep() {
    try {
      await sources.sweep(ABANDONED_MS);
    } catch (error) {
      log.warn(
        { event: 'spark.leftovers_kept', err: error },
        'rows that crashed loads left were not removed',
      );
    }
  }

  return {
    wake() {
      if (now().getTime() - sweptAt < EVERY_MS) return;
      sweptAt = now().getTime();
      sweeping = sweep();
    },
    close: () => sweeping,
  };
}
