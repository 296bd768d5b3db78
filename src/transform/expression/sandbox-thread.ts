import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../errors.ts';
import type { PyValue } from '../../ports/expressions.ts';
import { type BatchAnswer, type BatchLimits, createBatchRunner } from './run-batch.ts';

export interface ThreadRequest {
  expression: string;
  values: readonly PyValue[];
}

export type ThreadReply =
  | { kind: 'progress' }
  | { kind: 'answer'; answer: BatchAnswer }
  | { kind: 'failure'; message: string }
  /** Said by the main thread for one that cannot. */
  | { kind: 'died'; message: string };

/** Entry of a sandbox thread: answers one request at a time. The main thread kills it when it stays silent. */
function serve(limits: BatchLimits): void {
  const runner = createBatchRunner(limits);
  const reply = (message: ThreadReply) => parentPort?.postMessage(message);
  parentPort?.on('message', ({ expression, values }: ThreadRequest) => {
    try {
      reply({ kind: 'answer', answer: runner.run(expression, values) });
    } catch (error) {
      reply({ kind: 'failure', message: messageOf(error) });
    }
  });
  reply({ kind: 'progress' });
}

if (parentPort) serve(workerData);
