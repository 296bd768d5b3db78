import { and, eq, sql } from 'drizzle-orm';
import type { RunProgress } from '../../domain/run-progress.ts';
import type { StatsByStream, TableStats } from '../../domain/stats.ts';
import type { DbOrTx } from '../client.ts';
import { runnerJobs } from '../schema/index.ts';

/** What a worker has kept of a run's work; absent: as it is in the row. */
export interface KeptRecord {
  streamStats?: StatsByStream;
  tableStats?: TableStats[];
  progress?: RunProgress | null;
  logTail?: string;
  logLines?: number;
}

/** The columns of an update that keep a record and end its log with a line of Ivory's own, by Postgres' clock. */
export function keptWithLine({ logTail, logLines, ...counts }: KeptRecord, text: string) {
  const tail = logTail === undefined ? sql`${runnerJobs.logTail}` : sql`${logTail}::text`;
  const lines = logLines === undefined ? sql`${runnerJobs.logLines}` : sql`${logLines}::int`;
  const line = text.replaceAll('\0', '').replaceAll(/\s*[\r\n]+\s*/g, ' ');
  return {
    ...counts,
    logTail: sql`concat_ws(E'\n', nullif(${tail}, ''),
      to_char(now() at time zone 'UTC', '"[ivory "YYYY-MM-DD"T"HH24:MI:SS"Z] "') || ${line}::text)`,
    logLines: sql`${lines} + 1`,
  };
}

export interface RunLog {
  status: typeof runnerJobs.$inferSelect.status;
  attempt: number;
  streamStats: StatsByStream;
  tableStats: TableStats[];
  progress: RunProgress | null;
  errorCode: string | null;
  errorMsg: string | null;
  logLines: number;
  /** null: nothing beyond the lines seen. */
  logTail: string | null;
}

/** A run's log and counts as far as they are. The tail is read only when it holds lines after `seenLines`. */
export async function findRunLog(
  db: DbOrTx,
  {
    tenantId,
    connectorId,
    runId,
    seenLines,
  }: { tenantId: string; connectorId: string; runId: string; seenLines: number },
): Promise<RunLog | null> {
  const [log] = await db
    .select({
      status: runnerJobs.status,
      attempt: runnerJobs.attempt,
      streamStats: runnerJobs.streamStats,
      tableStats: runnerJobs.tableStats,
      progress: runnerJobs.progress,
      errorCode: runnerJobs.errorCode,
      errorMsg: runnerJobs.errorMsg,
      logLines: runnerJobs.logLines,
      logTail: sql<
        string | null
      >`case when ${runnerJobs.logLines} > ${seenLines} then ${runnerJobs.logTail} end`,
    })
    .from(runnerJobs)
    .where(
      and(
        eq(runnerJobs.id, runId),
        eq(runnerJobs.tenantId, tenantId),
        eq(runnerJobs.connectorId, connectorId),
      ),
    );
  return log ?? null;
}

/** Keeps what a person should look at. False: the run is not this worker's any more. */
export async function keepWarnings(
  tx: DbOrTx,
  { tenantId, runId, fence }: { tenantId: string; runId: string; fence: number },
  warnings: readonly string[],
): Promise<boolean> {
  const kept = await tx
    .update(runnerJobs)
    .set({ warnings: [...warnings] })
    .where(and(eq(runnerJobs.id, runId), eq(runnerJobs.tenantId, tenantId), eq(runnerJobs.fence, fence)))
    .returning({ id: runnerJobs.id });
  return kept.length > 0;
}
