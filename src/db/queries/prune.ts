import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { auditEvents, idempotencyKeys, mappingJobs } from '../schema/index.ts';

/** Answers to requests of more than two days ago: a key is free after one. */
export async function pruneIdempotencyKeys(db: DbOrTx, limit: number): Promise<number> {
  const { rowCount } = await db.execute(sql`delete from ${idempotencyKeys} where ctid = any(array(
    select ctid from ${idempotencyKeys} where created_at < now() - interval '2 days' limit ${limit}))`);
  return rowCount ?? 0;
}

/** Mapping jobs that ended more than a week ago, but for the last done of each target: it holds the target's columns. */
export async function pruneMappingJobs(db: DbOrTx, limit: number): Promise<number> {
  const { rowCount } = await db.execute(sql`delete from ${mappingJobs} where id = any(array(
    select old.id from ${mappingJobs} old
    where old.status <> 'queued' and old.finished_at < now() - interval '7 days' and (old.status = 'failed' or exists (
      select from ${mappingJobs} newer where newer.connector_id = old.connector_id and newer.status = 'done'
        and newer.request->>'sourceStream' = old.request->>'sourceStream'
        and newer.request->>'targetTable' = old.request->>'targetTable'
        and (newer.created_at, newer.id) > (old.created_at, old.id)))
    limit ${limit}))`);
  return rowCount ?? 0;
}

/** Audit events of more than 400 days ago: a year can be looked back on in full. They are in the order of their ids. */
export async function pruneAuditEvents(db: DbOrTx, limit: number): Promise<number> {
  const { rowCount } = await db.execute(sql`delete from ${auditEvents} where id in (
    select id from (select id, created_at from ${auditEvents} order by id limit ${limit}) oldest
    where created_at < now() - interval '400 days')`);
  return rowCount ?? 0;
}
