import { sql } from 'drizzle-orm';
import type { JobName } from '../../queues/catalog.ts';
import type { DbOrTx } from '../client.ts';
import { outbox } from '../schema/index.ts';

export interface OutboxEntry {
  job: JobName;
  payload: Record<string, string>;
  /** The queue's deduplication id: the same work gets the same id. */
  jobId: string;
}

/** Promises a job in the transaction that makes it necessary; the relay puts it on its queue after the commit. */
export async function addToOutbox(tx: DbOrTx, ...entries: OutboxEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.execute(sql`insert into ${outbox} (job, payload, job_id) select * from unnest(
    ${sql.param(entries.map(({ job }) => job))}::text[],
    ${sql.param(entries.map(({ payload }) => JSON.stringify(payload)))}::jsonb[],
    ${sql.param(entries.map(({ jobId }) => jobId))}::text[])`);
}

/** Takes the oldest entries out. They are gone when the transaction commits, back when it does not. */
export async function takeFromOutbox(tx: DbOrTx, limit: number): Promise<OutboxEntry[]> {
  const oldest = sql`(select id from ${outbox} order by id limit ${limit} for update skip locked)`;
  const taken = await tx
    .delete(outbox)
    .where(sql`${outbox.id} in ${oldest}`)
    .returning({ id: outbox.id, job: outbox.job, payload: outbox.payload, jobId: outbox.jobId });
  return taken
    .sort((a, b) => a.id - b.id)
    .map(({ job, payload, jobId }) => ({ job: job as JobName, payload, jobId }));
}
