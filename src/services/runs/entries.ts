import type { OutboxEntry } from '../../db/queries/outbox.ts';

/** The job that carries a run from its tap into staging. One id for each fence: a run taken back is a new job. */
export function executeEntry(runId: string, fence: number): OutboxEntry {
  return { job: 'execute-run', payload: { runId }, jobId: `execute-${runId}-${fence}` };
}

/** The job that carries a reported run from staging into the lakehouse. */
export function loadEntry(runId: string, fence: number): OutboxEntry {
  return { job: 'load-run', payload: { runId }, jobId: `load-${runId}-${fence}` };
}
