import { and, desc, eq, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import type { MappingRequest, MappingResult } from '../../domain/mapping.ts';
import type { ErrorKind } from '../../errors.ts';
import type { DbOrTx } from '../client.ts';
import { mappingJobs } from '../schema/index.ts';

export type MappingJob = typeof mappingJobs.$inferSelect;

/** False: this very request had made it before. */
export async function insertMappingJob(
  tx: DbOrTx,
  {
    cause,
    ...job
  }: Pick<MappingJob, 'id' | 'tenantId' | 'connectorId' | 'actor' | 'request'> & { cause: Cause },
): Promise<boolean> {
  const made = await tx
    .insert(mappingJobs)
    .values({ ...job, ...cause })
    .onConflictDoNothing()
    .returning({ id: mappingJobs.id });
  return made.length > 0;
}

export function countQueuedMappingJobs(db: DbOrTx, tenantId: string): Promise<number> {
  return db.$count(mappingJobs, and(eq(mappingJobs.tenantId, tenantId), eq(mappingJobs.status, 'queued')));
}

export async function findMappingJob(db: DbOrTx, tenantId: string, id: string): Promise<MappingJob | null> {
  const [job] = await db
    .select()
    .from(mappingJobs)
    .where(and(eq(mappingJobs.id, id), eq(mappingJobs.tenantId, tenantId)));
  return job ?? null;
}

/** A job of any tenant: the worker knows only its id. */
export async function findMappingJobAnywhere(db: DbOrTx, id: string): Promise<MappingJob | null> {
  const [job] = await db.select().from(mappingJobs).where(eq(mappingJobs.id, id));
  return job ?? null;
}

/** True: the job is still to be done, and nobody else ends it before this transaction does. */
export async function claimMappingJob(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const claimed = await tx
    .select({ id: mappingJobs.id })
    .from(mappingJobs)
    .where(and(eq(mappingJobs.id, id), eq(mappingJobs.tenantId, tenantId), eq(mappingJobs.status, 'queued')))
    .for('update');
  return claimed.length > 0;
}

export type JobEnd =
  | { status: 'done'; result: MappingResult }
  | { status: 'failed'; errorKind: ErrorKind | null; errorCode: string; errorMsg: string };

/** False: it had ended before. */
export async function endMappingJob(tx: DbOrTx, tenantId: string, id: string, end: JobEnd): Promise<boolean> {
  const ended = await tx
    .update(mappingJobs)
    .set({ ...end, finishedAt: sql`now()` })
    .where(and(eq(mappingJobs.id, id), eq(mappingJobs.tenantId, tenantId), eq(mappingJobs.status, 'queued')))
    .returning({ id: mappingJobs.id });
  return ended.length > 0;
}

/** What was last asked for this stream and table: it holds the target's columns where no canonical schema does. */
export async function findLatestRequest(
  db: DbOrTx,
  asked: { tenantId: string; connectorId: string; sourceStream: string; targetTable: string },
): Promise<MappingRequest | null> {
  const [job] = await db
    .select({ request: mappingJobs.request })
    .from(mappingJobs)
    .where(
      and(
        eq(mappingJobs.tenantId, asked.tenantId),
        eq(mappingJobs.connectorId, asked.connectorId),
        eq(mappingJobs.status, 'done'),
        sql`${mappingJobs.request}->>'sourceStream' = ${asked.sourceStream}`,
        sql`${mappingJobs.request}->>'targetTable' = ${asked.targetTable}`,
      ),
    )
    .orderBy(desc(mappingJobs.createdAt))
    .limit(1);
  return job?.request ?? null;
}

/** The latest request of each stream and table of a connector that was answered. */
export async function listLatestRequests(
  db: DbOrTx,
  tenantId: string,
  connectorId: string,
): Promise<MappingRequest[]> {
  const stream = sql`${mappingJobs.request}->>'sourceStream'`;
  const table = sql`${mappingJobs.request}->>'targetTable'`;
  const jobs = await db
    .selectDistinctOn([stream, table], { request: mappingJobs.request })
    .from(mappingJobs)
    .where(
      and(
        eq(mappingJobs.tenantId, tenantId),
        eq(mappingJobs.connectorId, connectorId),
        eq(mappingJobs.status, 'done'),
      ),
    )
    .orderBy(stream, table, desc(mappingJobs.createdAt), desc(mappingJobs.id));
  return jobs.map(({ request }) => request);
}
