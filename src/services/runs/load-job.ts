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
  /** Told whether rows of this run are, or may be from now on, in a table that is only ever added to. */
  onAppended?(isAppended: boolean): void;
  /** From how many rows on a load stays inside the database where it can. */
  insideFromRows?: number;
}
