import { Worker } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import type { PyValue } from '../../ports/expressions.ts';
import type { BatchAnswer, BatchLimits } from './run-batch.ts';
import type { ThreadReply } from './sandbox-thread.ts';

export type SandboxOutcome =
  | { kind: 'answer'; answer: BatchAnswer }
  /** The expression does not run at all, whatever the values. */
  | { kind: 'failure'; message: string }
  /** The thread died or was killed; the next request starts a new one. */
  | { kind: 'lost'; reason: string };

/** One replaceable thread. One request at a time. */
export interface Sandbox {
  run(expression: string, values: readonly PyValue[]): Promise<SandboxOutcome>;
  close(): Promise<void>;
}

const MAX_HEAP_MB = 512;
/** A new thread says it is ready within this time, also on a busy machine. */
const START_MS = 20_000;

/** `silenceMs`: a thread that reports nothing for so long is killed. */
export function createSandbox(limits: BatchLimits, silenceMs: number): Sandbox {
  let worker: Worker | null = null;
  let ready = false;
  /** Who waits for the thread's next words. */
  let listener: (reply: ThreadReply) => void = () => {};

  function start(): Worker {
    const started = new Worker(new URL('./sandbox-thread.ts', import.meta.url), {
      workerData: limits,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    });
    const tell = (reply: ThreadReply) => {
      if (worker === started) listener(reply);
    };
    const lost = (message: string) => {
      tell({ kind: 'died', message });
      if (worker === started) worker = null;
    };
    started.on('message', tell);
    started.on('error', (error) => lost(messageOf(error)));
    started.on('exit', () => lost('its thread ended'));
    worker = started;
    ready = false;
    return started;
  }

  function kill(silent: Worker): void {
    if (worker === silent) worker = null;
    // Not awaited: native code that does not return would never let it end.
    void silent.terminate();
  }

  return {
    run(expression, values) {
      const busy = worker ?? start();
      busy.ref();
      return new Promise((resolve) => {
        const finish = (outcome: SandboxOutcome) => {
          clearTimeout(timer);
          listener = () => {};
          busy.unref();
          resolve(outcome);
        };
        const giveUp = () => {
          kill(busy);
          finish({ kind: 'lost', reason: 'it took too long' });
        };
        let timer = setTimeout(giveUp, ready ? silenceMs : START_MS);
        listener = (reply) => {
          if (reply.kind === 'progress') {
            ready = true;
            clearTimeout(timer);
            timer = setTimeout(giveUp, silenceMs);
          } else if (reply.kind === 'died') finish({ kind: 'lost', reason: reply.message });
          else finish(reply);
        };
        busy.postMessage({ expression, values });
      });
    },
    async close() {
      const last = worker;
      worker = null;
      listener({ kind: 'died', message: 'the engine was closed' });
      await last?.terminate();
    },
  };
}
