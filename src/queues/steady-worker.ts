import { setTimeout as wait } from 'node:timers/promises';
import type { Worker } from 'bullmq';
import type { RawWorker } from './backend.ts';

/** A BullMQ worker made with `autorun: false`, and the end of the connections that are ours. */
export interface FreshWorker {
  worker: Pick<Worker, 'waitUntilReady' | 'run' | 'isRunning' | 'close' | 'cancelJob' | 'disconnect'>;
  isConnected(): boolean;
  disconnect(): void;
}

const RETRY_MS = 500;

/**
 * Starts a worker only once its store has answered. BullMQ keeps the answer to its first question for ever: a worker whose store
 * was down at that moment would spin on that failure without yielding. Here it is thrown away and made anew.
 */
export function steadyWorker(make: () => FreshWorker, onError: (error: unknown) => void): RawWorker {
  const closing = new AbortController();
  let current = make();
  async function start(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await current.worker.waitUntilReady();
        if (!closing.signal.aborted) current.worker.run().catch(onError);
        return;
      } catch (error) {
        onError(error);
        abandon(current);
        await wait(RETRY_MS, undefined, { signal: closing.signal }).catch(() => {});
        if (!closing.signal.aborted) current = make();
      }
    }
  }
  const started = start();
  return {
    ready: () => started,
    isConnected: () => current.worker.isRunning() && current.isConnected(),
    cancelJob: (jobId, reason) => current.worker.cancelJob(jobId, reason),
    async close() {
      closing.abort();
      await current.worker.close();
      current.disconnect();
    },
    abandon: () => abandon(current),
  };
}

function abandon({ worker, disconnect }: FreshWorker): void {
  worker.disconnect().catch(() => {});
  disconnect();
}
