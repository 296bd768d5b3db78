/** Every state of a run and the states it may move to. A run in a state without successors is finished. */
export const RUN_TRANSITIONS = {
  queued: ['running', 'loading', 'failed', 'cancelled'],
  running: ['queued', 'loading', 'failed', 'cancelled'],
  loading: ['completed', 'partial', 'failed', 'cancelled'],
  completed: [],
  partial: [],
  failed: [],
  cancelled: [],
} as const satisfies Record<string, readonly string[]>;

export type RunStatus = keyof typeof RUN_TRANSITIONS;
export const RUN_STATUSES = [
  'queued',
  'running',
  'loading',
  'completed',
  'partial',
  'failed',
  'cancelled',
] as const;
export const UNFINISHED = ['queued', 'running', 'loading'] as const satisfies readonly RunStatus[];

/**
 * What set a run going. `webhook`: an external runner reported a run Ivory had not dispatched, or the source told that it has news;
 * `replay`: rejected rows are loaded again, no tap runs.
 */
export const RUN_TRIGGERS = ['schedule', 'manual', 'retry', 'webhook', 'replay'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];

/** What a dispatched run is for, other than the schedule. */
export type NextTrigger = Extract<RunTrigger, 'manual' | 'retry' | 'webhook'>;

/** Somebody asked for a run: it waits for the end of an unfinished one instead of being dropped. */
export const PROMISED: readonly NextTrigger[] = ['manual', 'webhook'];

export function isPromised(trigger: RunTrigger | null): boolean {
  return PROMISED.some((promised) => promised === trigger);
}

/** What a runner (ours or an external one) says of a finished tap. */
export const REPORT_STATUSES = ['completed', 'failed', 'partial'] as const;
export type ReportStatus = (typeof REPORT_STATUSES)[number];

/** The states from which `to` may be entered: the guard of an update. */
export function predecessors(to: RunStatus): RunStatus[] {
  return RUN_STATUSES.filter((from) => (RUN_TRANSITIONS[from] as readonly RunStatus[]).includes(to));
}

export function isFinished(status: RunStatus): boolean {
  return RUN_TRANSITIONS[status].length === 0;
}
