import type { Deps } from '../../context.ts';
import { failLostTasks, findWaitingTasks, takeBackTasks } from '../../db/queries/connector-tasks.ts';
import { taskEntry } from './task-entry.ts';

const WAITED_MS = 30_000;
const BATCH = 1_000;

const LOST = {
  maxAttempts: 3,
  errorCode: 'task.worker_lost',
  errorMsg:
    'The task lost its worker three times. If the worker was out of memory, give the runner pool more.',
};

/** Takes tasks back from workers that are gone and enqueues again what waits on no queue. Answers how many it looked after. */
export async function sweepTasks({ database, producer, metrics }: Deps): Promise<number> {
  const failed = await failLostTasks(database.db, LOST);
  const lost = failed + (await takeBackTasks(database.db));
  for (let told = 0; told < lost; told++) metrics.leaseLost('task', 'reaper');
  const waiting = await findWaitingTasks(database.db, WAITED_MS, BATCH);
  const entries = waiting.map(({ id, attempt }) => taskEntry(id, attempt));
  await producer.addMany(
    entries.map(({ job, payload, jobId }) => ({ name: job, payload, jobId })),
    { replaceEnded: true },
  );
  return failed + entries.length;
}
