import { sql } from 'drizzle-orm';
import type { Db, DbOrTx } from '../client.ts';
import {
  auditEvents,
  connectorTasks,
  idempotencyKeys,
  mappingJobs,
  outbox,
  rejectedRows,
} from '../schema/index.ts';

export interface Old {
  /** What is from before this may go. */
  before: Date;
  /** Rows of one statement. */
  limit: number;
}

/** A pruner waits for nobody: what is locked is for another time. */
const LOCK_MS = 500;
const STATEMENT_MS = 10_000;

/** A short transaction that gives up rather than wait, so that nobody waits behind it. */
export function briefly<Value>(db: Db, work: (tx: DbOrTx) => Promise<Value>): Promise<Value> {
  return db.transaction(async (tx) => {
    await tx.execute(sql`select set_config('lock_timeout', ${`${LOCK_MS}ms`}, true),
      set_config('statement_timeout', ${`${STATEMENT_MS}ms`}, true)`);
    return work(tx);
  });
}

/** Whether a run has waited for a worker for longer than a queue takes to deliver it. */
export async function runsWait(db: DbOrTx): Promise<boolean> {
  const { rows } = await db.execute(sql`select from etl.runner_jobs
    where status = 'queued' and created_at < now() - interval '10 seconds' limit 1`);
  return rows.length > 0;
}

export async function pruneIdempotencyKeys(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${idempotencyKeys} where ctid = any(array(
      select ctid from ${idempotencyKeys} where created_at < ${before} limit ${limit} for update skip locked))`),
  );
}

/** Ended mapping jobs, but for the last done of each target: it holds the target's columns. */
export async function pruneMappingJobs(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${mappingJobs} where id = any(array(
      select old.id from ${mappingJobs} old
      where old.status <> 'queued' and old.finished_at < ${before} and (old.status = 'failed' or exists (
        select from ${mappingJobs} newer where newer.connector_id = old.connector_id and newer.status = 'done'
          and newer.request->>'sourceStream' = old.request->>'sourceStream'
          and newer.request->>'targetTable' = old.request->>'targetTable'
          and (newer.created_at, newer.id) > (old.created_at, old.id)))
      limit ${limit} for update of old skip locked))`),
  );
}

/** Checks and discoveries that ended. */
export async function pruneConnectorTasks(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${connectorTasks} where id = any(array(
      select id from ${connectorTasks} where finished_at < ${before}
      order by finished_at limit ${limit} for update skip locked))`),
  );
}

/** Audit events are in the order of their ids. */
export async function pruneAuditEvents(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${auditEvents} where id in (
      select id from (select id, created_at from ${auditEvents} order by id limit ${limit}) oldest
      where created_at < ${before})`),
  );
}

/** Promises no queue has taken for so long: whatever waits in a row has been enqueued again since. */
export async function pruneOutbox(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${outbox} where id = any(array(
      select id from ${outbox} where id in (select id from ${outbox} order by id limit ${limit})
        and created_at < ${before} for update skip locked))`),
  );
}

/** Rejected rows, but for those a replay has been given. They are in the order of their ids. */
export async function pruneRejectedRows(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  return rowsOf(
    await tx.execute(sql`delete from ${rejectedRows} where id = any(array(
      select id from ${rejectedRows} where id in (select id from ${rejectedRows} order by id limit ${limit})
        and created_at < ${before} and replay_run_id is null for update skip locked))`),
  );
}

function rowsOf({ rowCount }: { rowCount: number | null }): number {
  return rowCount ?? 0;
}
