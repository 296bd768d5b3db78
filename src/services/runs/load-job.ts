import type { ConnectorRow } from '../../db/queries/run-finish.ts';
import type { CommitGuard } from '../../ports/runner.ts';

/** What every step of a run's load has in common. */
export interface LoadJob {
  runId: string;
  loadId: number;
  connector: ConnectorRow;
  /** Throws LostLeaseError when this worker lost the run. */
  guard(): Promise<void>;
  /** The same, for the transaction that publishes. */
  guardCommit?: CommitGuard;
  signal: AbortSignal;
  /** From how many rows on a load stays inside the database where it can. */
  insideFromRows?: number;
}
