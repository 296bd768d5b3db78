import type { OutboxEntry } from '../../db/queries/outbox.ts';

/** The job that has the runner pool do a task. One id for each attempt: a task taken back is a new job. */
export function taskEntry(taskId: string, attempt: number): OutboxEntry {
  return { job: 'run-task', payload: { taskId }, jobId: `task-${taskId}-${attempt}` };
}
