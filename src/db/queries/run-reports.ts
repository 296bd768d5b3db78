import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import type { JsonText } from '../../domain/lossless-json.ts';
import { predecessors, type ReportStatus, UNFINISHED } from '../../domain/run-state.ts';
import type { DbOrTx } from '../client.ts';
import { runnerJobs } from '../schema/index.ts';
import type { RunRow } from './run-claims.ts';
import { type KeptRecord, keptWithLine } from './run-log.ts';

/** A run of any tenant: only to tell "unknown" from "somebody else's". */
export async function findRunAnywhere(db: DbOrTx, runId: string): Promise<RunRow | null> {
  const [run] = await db.select().from(runnerJobs).where(eq(runnerJobs.id, runId));
  return run ?? null;
}

export async function findUnfinishedRun(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<RunRow | null> {
  const [run] = await db
    .select()
    .from(runnerJobs)
    .where(
      and(
        eq(runnerJobs.tenantId, tenantId),
        eq(runnerJobs.connectorId, connectorId),
        inArray(runnerJobs.status, [...UNFINISHED]),
      ),
    );
  return run ?? null;
}

/** Makes the row of a run an external runner did on its own. False: the connector has an unfinished run, or the id is taken. */
export async function insertExternalRun(
  tx: DbOrTx,
  { cause, ...run }: { id: string; tenantId: string; connectorId: string; cause: Cause },
): Promise<boolean> {
  const made = await tx
    .insert(runnerJobs)
    .values({
      ...run,
      ...cause,
      status: 'running',
      trigger: 'webhook',
      scheduledFor: sql`clock_timestamp()`,
    })
    .onConflictDoNothing()
    .returning({ id: runnerJobs.id });
  return made.length > 0;
}

export interface Reported {
  tenantId: string;
  runId: string;
  /** Set when one of our own workers reports: it must still hold the lease. */
  fence: number | null;
  reportStatus: ReportStatus;
  state: JsonText | null;
  rowsWritten: number;
  durationS: number | null;
  kept?: KeptRecord;
  errorCode: string | null;
  errorMsg: string | null;
}

/**
 * Stores a report and moves the run on to `loading`, raising the fence: whoever held the run until now writes nothing more.
 * Null: the run was not waiting for a report (or the reporter lost it).
 */
export async function markReported(tx: DbOrTx, report: Reported): Promise<RunRow | null> {
  const { tenantId, runId, fence, state, kept = {}, ...reported } = report;
  const [run] = await tx
    .update(runnerJobs)
    .set({
      ...reported,
      ...keptWithLine(kept, `reported ${report.reportStatus}, ${report.rowsWritten} rows staged`),
      status: 'loading',
      // a failed run is never loaded: what it took stays told
      ...(report.reportStatus === 'failed' ? {} : { attempt: 0 }),
      reportedState: state,
      fence: sql`${runnerJobs.fence} + 1`,
      leaseUntil: null,
      workerId: null,
      reportedAt: sql`now()`,
      // A run nobody here had started began its reported duration ago.
      startedAt: sql`coalesce(${runnerJobs.startedAt}, now() - make_interval(secs => ${report.durationS ?? 0}))`,
    })
    .where(
      and(
        eq(runnerJobs.id, runId),
        eq(runnerJobs.tenantId, tenantId),
        fence === null
          ? inArray(runnerJobs.status, predecessors('loading'))
          : and(eq(runnerJobs.fence, fence), eq(runnerJobs.status, 'running')),
      ),
    )
    .returning();
  return run ?? null;
}
