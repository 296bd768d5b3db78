import { orAborted } from './deadline.ts';

/** A limit on how many do something at once; who waits is served in turn. */
export interface Slots {
  /** Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<void>;
  give(): void;
}

export function createSlots(count: number): Slots {
  const waiting = new Set<() => void>();
  let free = count;

  async function take(signal: AbortSignal): Promise<void> {
    if (free > 0) {
      free -= 1;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    waiting.add(resolve);
    try {
      await orAborted(promise, signal);
    } catch (error) {
      // handed over at the same moment
      if (!waiting.delete(resolve)) give();
      throw error;
    }
  }

  function give(): void {
    const [next] = waiting;
    if (!next) free += 1;
    else {
      waiting.delete(next);
      next();
    }
  }
  return { take, give };
}
