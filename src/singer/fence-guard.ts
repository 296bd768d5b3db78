import { LostLeaseError } from '../errors.ts';
import type { CommitGuard } from '../ports/runner.ts';

/** A guard that lets a transaction commit only while the run is running under this fence. */
export function fenceGuard({ runId, fence }: { runId: string; fence: number }): CommitGuard {
  return async (query) => {
    const found = await query(
      `select 1 from etl.runner_jobs where id = $1::text::uuid and fence = $2::text::integer and status = 'running' for share`,
      [runId, String(fence)],
    );
    if (found.length === 0) throw new LostLeaseError(runId);
  };
}
