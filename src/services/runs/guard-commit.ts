import { leaseProof, type RunRow } from '../../db/queries/run-claims.ts';
import { LostLeaseError } from '../../errors.ts';
import type { CommitGuard } from '../../ports/runner.ts';

/** Holds the run's row in the transaction about to commit: a worker that was taken over commits nothing. */
export function guardCommitOf({ tenantId, id, fence }: RunRow): CommitGuard {
  const { text, parameters } = leaseProof({ tenantId, runId: id, fence });
  return async (query) => {
    const rows = await query(text, parameters);
    if (rows.length === 0) throw new LostLeaseError(id);
  };
}
