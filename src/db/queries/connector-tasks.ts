import { and, eq, inArray, isNull, lt, or, sql } from 'drizzle-orm';
import type { Cause } from '../../domain/cause.ts';
import type { TaskKind, TaskResult } from '../../domain/connector-task.ts';
import type { DbOrTx } from '../client.ts';
import { connectorTasks } from '../schema/index.ts';

export type ConnectorTask = typeof connectorTasks.$inferSelect;

/** A lease in force: every write of its holder says all of it. */
export interface HeldTask {
  tenantId: string;
  taskId: string;
  attempt: number;
}

const KEPT = '7 days';
const UNFINISHED = ['queued', 'running'] as const;

const after = (ms: number) => sql`now() + ${`${ms} milliseconds`}::interval`;
const expired = lt(connectorTasks.leaseUntil, sql`now()`);

/** Null: the connector has an unfinished task of this kind. Tasks it ended long ago are dropped on the way. */
export async function insertTask(
  tx: DbOrTx,
  { cause, ...task }: { id: string; tenantId: string; connectorId: string; kind: TaskKind; cause: Cause },
): Promise<ConnectorTask | null> {
  await tx
    .delete(connectorTasks)
    .where(
      and(
        eq(connectorTasks.tenantId, task.tenantId),
        eq(connectorTasks.connectorId, task.connectorId),
        lt(connectorTasks.finishedAt, sql`now() - ${KEPT}::interval`),
      ),
    );
  const [made] = await tx
    .insert(connectorTasks)
    .values({ ...task, ...cause })
    .onConflictDoNothing()
    .returning();
  return made ?? null;
}

export async function findUnfinishedTask(
  db: DbOrTx,
  { tenantId, connectorId, kind }: { tenantId: string; connectorId: string; kind: TaskKind },
): Promise<ConnectorTask | null> {
  const [task] = await db
    .select()
    .from(connectorTasks)
    .where(
      and(
        eq(connectorTasks.tenantId, tenantId),
        eq(connectorTasks.connectorId, connectorId),
        eq(connectorTasks.kind, kind),
        inArray(connectorTasks.status, [...UNFINISHED]),
      ),
    );
  return task ?? null;
}

export function countUnfinishedTasks(db: DbOrTx, tenantId: string): Promise<number> {
  return db.$count(
    connectorTasks,
    and(eq(connectorTasks.tenantId, tenantId), inArray(connectorTasks.status, [...UNFINISHED])),
  );
}

export async function findTask(
  db: DbOrTx,
  { tenantId, connectorId, taskId }: { tenantId: string; connectorId: string; taskId: string },
): Promise<ConnectorTask | null> {
  const [task] = await db
    .select()
    .from(connectorTasks)
    .where(
      and(
        eq(connectorTasks.id, taskId),
        eq(connectorTasks.tenantId, tenantId),
        eq(connectorTasks.connectorId, connectorId),
      ),
    );
  return task ?? null;
}

/** Takes a task of any tenant: the worker knows only its id. Null: it is over, or another worker's lease on it is alive. */
export async function claimTask(
  db: DbOrTx,
  { taskId, workerId, leaseMs }: { taskId: string; workerId: string; leaseMs: number },
): Promise<ConnectorTask | null> {
  const [task] = await db
    .update(connectorTasks)
    .set({
      status: 'running',
      attempt: sql`${connectorTasks.attempt} + 1`,
      leaseUntil: after(leaseMs),
      workerId,
    })
    .where(
      and(
        eq(connectorTasks.id, taskId),
        or(eq(connectorTasks.status, 'queued'), and(eq(connectorTasks.status, 'running'), expired)),
      ),
    )
    .returning();
  return task ?? null;
}

/** False: the lease is lost. */
export async function extendTaskLease(db: DbOrTx, held: HeldTask, leaseMs: number): Promise<boolean> {
  const extended = await db
    .update(connectorTasks)
    .set({ leaseUntil: after(leaseMs) })
    .where(heldBy(held))
    .returning({ id: connectorTasks.id });
  return extended.length > 0;
}

export async function releaseTask(db: DbOrTx, held: HeldTask): Promise<void> {
  await db
    .update(connectorTasks)
    .set({ status: 'queued', leaseUntil: null, workerId: null })
    .where(heldBy(held));
}

export type TaskEnd =
  | { status: 'done'; result: TaskResult }
  | { status: 'failed'; errorCode: string; errorMsg: string };

/** False: the lease was lost, nothing is written. */
export async function endTask(db: DbOrTx, held: HeldTask, end: TaskEnd): Promise<boolean> {
  const ended = await db
    .update(connectorTasks)
    .set({ ...end, leaseUntil: null, finishedAt: sql`now()` })
    .where(heldBy(held))
    .returning({ id: connectorTasks.id });
  return ended.length > 0;
}

/** Ends the tasks of any tenant that lost too many workers. */
export async function failLostTasks(
  db: DbOrTx,
  { maxAttempts, errorCode, errorMsg }: { maxAttempts: number; errorCode: string; errorMsg: string },
): Promise<number> {
  const failed = await db
    .update(connectorTasks)
    .set({ status: 'failed', errorCode, errorMsg, leaseUntil: null, finishedAt: sql`now()` })
    .where(
      and(
        eq(connectorTasks.status, 'running'),
        expired,
        sql`${connectorTasks.attempt} >= ${maxAttempts}::integer`,
      ),
    )
    .returning({ id: connectorTasks.id });
  return failed.length;
}

/** Takes the tasks of any tenant back from workers that are gone. Answers how many. */
export async function takeBackTasks(db: DbOrTx): Promise<number> {
  const taken = await db
    .update(connectorTasks)
    .set({ status: 'queued', leaseUntil: null, workerId: null })
    .where(and(eq(connectorTasks.status, 'running'), expired))
    .returning({ id: connectorTasks.id });
  return taken.length;
}

/** All that have waited for a worker, of any tenant. */
export async function findWaitingTasks(
  db: DbOrTx,
  olderThanMs: number,
  limit: number,
): Promise<{ id: string; attempt: number }[]> {
  return db
    .select({ id: connectorTasks.id, attempt: connectorTasks.attempt })
    .from(connectorTasks)
    .where(
      and(
        eq(connectorTasks.status, 'queued'),
        isNull(connectorTasks.leaseUntil),
        sql`${connectorTasks.createdAt} < now() - ${`${olderThanMs} milliseconds`}::interval`,
      ),
    )
    .orderBy(connectorTasks.createdAt)
    .limit(limit);
}

function heldBy({ tenantId, taskId, attempt }: HeldTask) {
  return and(
    eq(connectorTasks.id, taskId),
    eq(connectorTasks.tenantId, tenantId),
    eq(connectorTasks.attempt, attempt),
    eq(connectorTasks.status, 'running'),
  );
}
