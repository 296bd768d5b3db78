import type { ConnectorType } from '../domain/connector-state.ts';
import type { RunStatus, RunTrigger } from '../domain/run-state.ts';

/** What a process counts while it works. Never a tenant, a connector or a run as a label: those are in the logs and in Postgres. */
export interface Metrics {
  /** A run came to its end in this process, its transaction committed. */
  runEnded(run: EndedRun): void;
  /** The failure that just ended stopped its connector. */
  breakerOpened(connectorType: ConnectorType): void;
  /** The reaper took a run or a task from a worker that was gone; or a living worker saw that it holds it no more. */
  leaseLost(what: 'run' | 'task', noticedBy: 'reaper' | 'worker'): void;
  /** Rows a tap wrote to staging, and their bytes as Singer messages, counted batch by batch. */
  rowsStaged(connectorType: ConnectorType, counts: { rows: number; bytes: number }): void;
  /** One table of one run was loaded, or failed to be. */
  tableLoaded(load: TableLoad): void;
  llmAsked(call: LlmCall): void;
  /** `code` of what was refused or failed; null: answered. */
  foundryAnswered(answer: { target: string; code: string | null; seconds: number }): void;
  /** `route` is the route's pattern, never a path with ids. */
  requestEnded(request: { method: string; route: string; status: number; seconds: number }): void;
  /** A request above its tenant's or its address' rate. */
  requestLimited(kind: 'tenant' | 'address' | 'operator'): void;
  jobEnded(job: { pool: string; name: string; failed: boolean; seconds: number }): void;
  notificationSent(outcome: 'delivered' | 'failed' | 'given_up'): void;
  rowsPruned(kind: string, rows: number): void;
  /** Something this process depends on was asked; it is not ready while one that is required is down. */
  dependencyFound(dependency: { name: string; required: boolean; isUp: boolean }): void;
}

export interface EndedRun {
  status: RunStatus;
  connectorType: ConnectorType;
  trigger: RunTrigger;
  /** From its start to its end; null: it never started. */
  seconds: number | null;
}

export interface TableLoad {
  failed: boolean;
  rowsRead: number;
  rowsLoaded: number;
  rowsRejected: number;
  seconds: number;
}

export interface LlmCall {
  purpose: string;
  outcome: 'answered' | 'cached' | 'failed';
  inputTokens: number;
  outputTokens: number;
  /** null: the price is not known. */
  usd: number | null;
}

/** What this process counted and what it sees of the fleet, as Prometheus reads it. */
export interface MetricsPage {
  contentType: string;
  /** Answers within a few seconds, whatever is down. */
  text(): Promise<string>;
  /** Whether who sends this Authorization header may read it. */
  allows(authorization: string | undefined): boolean;
}

/** Of a process that serves no metrics. */
export const NO_METRICS_PAGE: MetricsPage = {
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  text: async () => '',
  allows: () => true,
};

/** Counts nothing: commands that serve no metrics, tests that look at none. */
export const NO_METRICS: Metrics = {
  runEnded() {},
  breakerOpened() {},
  leaseLost() {},
  rowsStaged() {},
  tableLoaded() {},
  llmAsked() {},
  foundryAnswered() {},
  requestEnded() {},
  requestLimited() {},
  jobEnded() {},
  notificationSent() {},
  rowsPruned() {},
  dependencyFound() {},
};
