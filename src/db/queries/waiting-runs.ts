import { and, gt, inArray, isNotNull, isNull, lt, not, or, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { mappingJobs, runnerJobs } from '../schema/index.ts';
import { hasWrittenBatch } from './load-batches.ts';
import type { RunRow } from './run-claims.ts';
import { keptWithLine } from './run-log.ts';

/** Runs of any tenant whose worker stopped renewing its lease. */
export async function findLostRuns(db: DbOrTx, limit: number): Promise<RunRow[]> {
  return db
    .select()
    .from(runnerJobs)
    .where(and(inArray(runnerJobs.status, ['running', 'loading']), lt(runnerJobs.leaseUntil, sql`now()`)))
    .orderBy(runnerJobs.leaseUntil)
    .limit(limit);
}

/** Takes a run from a worker that is gone: nobody holds it afterwards. False: it moved on meanwhile. */
export async function takeBack(tx: DbOrTx, run: RunRow): Promise<boolean> {
  const taken = await tx
    .update(runnerJobs)
    .set({
      ...keptWithLine({}, 'the worker was lost; the run waits for another one'),
      status: run.status === 'running' ? 'queued' : 'loading',
      leaseUntil: null,
      workerId: null,
    })
    .where(
      and(
        sql`${runnerJobs.id} = ${run.id} and ${runnerJobs.fence} = ${run.fence} and ${runnerJobs.status} = ${run.status}`,
        lt(runnerJobs.leaseUntil, sql`now()`),
      ),
    )
    .returning({ id: runnerJobs.id });
  return taken.length > 0;
}

export interface WaitingRun {
  id: string;
  fence: number;
  loadId: number;
  status: 'queued' | 'loading';
}

export interface WaitingPage {
  olderThanMs: number;
  /** Load id of the last run of the page before; 0 for the first. */
  after: number;
  limit: number;
}

/** Runs that nobody holds and that have waited a while: their job may have been lost with the queue's store. */
export async function findWaitingRuns(
  db: DbOrTx,
  { olderThanMs, after, limit }: WaitingPage,
): Promise<WaitingRun[]> {
  const since = sql`now() - ${`${olderThanMs} milliseconds`}::interval`;
  const rows = await db
    .select({
      id: runnerJobs.id,
      fence: runnerJobs.fence,
      loadId: runnerJobs.loadId,
      status: runnerJobs.status,
    })
    .from(runnerJobs)
    .where(
      and(
        isNull(runnerJobs.leaseUntil),
        inArray(runnerJobs.status, ['queued', 'loading']),
        gt(runnerJobs.loadId, after),
        sql`coalesce(${runnerJobs.reportedAt}, ${runnerJobs.startedAt}, ${runnerJobs.createdAt}) < ${since}`,
      ),
    )
    .orderBy(runnerJobs.loadId)
    .limit(limit);
  return rows.map((run) => ({
    ...run,
    status: run.status === 'loading' ? ('loading' as const) : ('queued' as const),
  }));
}

/** Runs to be cancelled that no worker holds and that have written nothing. */
export async function findCancellableRuns(db: DbOrTx, limit: number): Promise<RunRow[]> {
  return db
    .select()
    .from(runnerJobs)
    .where(
      and(
        isNotNull(runnerJobs.cancelRequestedAt),
        not(hasWrittenBatch()),
        inArray(runnerJobs.status, ['queued', 'running', 'loading']),
        or(isNull(runnerJobs.leaseUntil), lt(runnerJobs.leaseUntil, sql`now()`)),
      ),
    )
    .limit(limit);
}

export async function findWaitingMappingJobs(
  db: DbOrTx,
  olderThanMs: number,
  limit: number,
): Promise<string[]> {
  const since = sql`now() - ${`${olderThanMs} milliseconds`}::interval`;
  const rows = await db
    .select({ id: mappingJobs.id })
    .from(mappingJobs)
    .where(sql`${mappingJobs.status} = 'queued' and ${mappingJobs.createdAt} < ${since}`)
    .orderBy(mappingJobs.createdAt)
    .limit(limit);
  return rows.map((row) => row.id);
}
