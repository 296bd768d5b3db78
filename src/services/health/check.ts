/** One thing a process needs, or an operator should know of. */
export interface Check {
  name: string;
  /** The process is not ready while this is down. Otherwise it is only shown. */
  required: boolean;
  /** How often it is asked, and how long it may take. */
  everyMs?: number;
  limitMs?: number;
  /**
   * Rejects when it is down; answers what an operator should know though it is up, as stable codes. When the signal aborts it lets go
   * of whatever it waits for.
   */
  ask(signal: AbortSignal): Promise<readonly string[]>;
  close?(): Promise<void>;
}

export interface DependencyHealth {
  status: 'up' | 'down';
  required: boolean;
  latencyMs: number;
  /** Since this was found. */
  ageMs: number;
  /** Code of what is wrong; null when up. Never the vendor's words: they may hold addresses. */
  error: string | null;
  warnings: readonly string[];
}

export const NO_WARNINGS: readonly string[] = [];
