import { and, asc, eq, sql } from 'drizzle-orm';
import type { Fault } from '../../domain/notification.ts';
import type { DbOrTx } from '../client.ts';
import { notificationAttempts, notificationDeliveries, notificationEndpoints } from '../schema/index.ts';

export type Attempt = typeof notificationAttempts.$inferSelect;

/** A lease in force: every write of its holder says all of it. */
export interface HeldDelivery {
  id: string;
  tenantId: string;
  endpointId: string;
  fence: number;
}

export type DeliveryAfter =
  | { status: 'delivered' }
  | { status: 'failed' }
  /** Tried again then. */
  | { status: 'pending'; inMs: number };

export interface AttemptMade extends Pick<Attempt, 'durationMs' | 'status' | 'fault' | 'error' | 'excerpt'> {
  after: DeliveryAfter;
}

/** Writes how an attempt went and what follows. False: the lease was lost, nothing is written. */
export async function recordAttempt(tx: DbOrTx, held: HeldDelivery, made: AttemptMade): Promise<boolean> {
  const { after, ...attempt } = made;
  const [delivery] = await tx
    .update(notificationDeliveries)
    .set({
      ...stateAfter(after),
      attempts: sql`${notificationDeliveries.attempts} + 1`,
      tries: sql`${notificationDeliveries.tries} + 1`,
      lastStatus: made.status,
      lastFault: made.fault,
    })
    .where(heldBy(held))
    .returning({ number: notificationDeliveries.attempts });
  if (!delivery) return false;
  const startedAt = sql`clock_timestamp() - ${`${attempt.durationMs} milliseconds`}::interval`;
  await tx
    .insert(notificationAttempts)
    .values({ ...attempt, startedAt, deliveryId: held.id, tenantId: held.tenantId, number: delivery.number });
  return true;
}

/** Ends a delivery whose endpoint takes nothing any more: no attempt was made. False: the lease was lost. */
export async function endUnsent(db: DbOrTx, held: HeldDelivery, lastFault: Fault): Promise<boolean> {
  const ended = await db
    .update(notificationDeliveries)
    .set({ ...stateAfter({ status: 'failed' }), lastFault, lastStatus: null })
    .where(heldBy(held))
    .returning({ id: notificationDeliveries.id });
  return ended.length > 0;
}

/** Gives a delivery back as it was: the worker has to go. */
export async function releaseDelivery(db: DbOrTx, held: HeldDelivery): Promise<void> {
  await db
    .update(notificationDeliveries)
    .set({ status: 'pending', leaseUntil: null, nextAttemptAt: sql`now()` })
    .where(heldBy(held));
}

/** Something was delivered: what failed before is forgotten. */
export async function noteWorking(tx: DbOrTx, { tenantId, endpointId }: HeldDelivery): Promise<void> {
  await tx
    .update(notificationEndpoints)
    .set({ failingSince: null, failures: 0 })
    .where(
      and(
        eq(notificationEndpoints.id, endpointId),
        eq(notificationEndpoints.tenantId, tenantId),
        sql`${notificationEndpoints.failures} > 0`,
      ),
    );
}

export interface FailingRule {
  /** The receiver said that it is gone. */
  isGone: boolean;
  /** Nothing was delivered for so long, in so many attempts. */
  failingMs: number;
  failures: number;
}

/** Counts a failure, and switches the endpoint off where the rule says so. Answers why, when this failure did it. */
export async function noteFailing(
  tx: DbOrTx,
  { tenantId, endpointId }: HeldDelivery,
  rule: FailingRule,
): Promise<'gone' | 'failing' | null> {
  const e = notificationEndpoints;
  const isFailing = sql`${e.failures} + 1 >= ${rule.failures}
    and ${e.failingSince} < now() - ${`${rule.failingMs} milliseconds`}::interval`;
  const isOver = rule.isGone ? sql`true` : sql`coalesce(${isFailing}, false)`;
  const mine = and(eq(e.id, endpointId), eq(e.tenantId, tenantId), eq(e.active, true));
  const [row] = await tx
    .update(e)
    .set({
      failures: sql`${e.failures} + 1`,
      failingSince: sql`coalesce(${e.failingSince}, now())`,
      active: sql`not (${isOver})`,
      disabledReason: sql`case when ${isOver} then ${rule.isGone ? 'gone' : 'failing'} end`,
      disabledAt: sql`case when ${isOver} then now() end`,
    })
    .where(mine)
    .returning({ reason: e.disabledReason });
  return row?.reason ?? null;
}

export function listAttempts(db: DbOrTx, tenantId: string, deliveryId: string): Promise<Attempt[]> {
  return db
    .select()
    .from(notificationAttempts)
    .where(and(eq(notificationAttempts.deliveryId, deliveryId), eq(notificationAttempts.tenantId, tenantId)))
    .orderBy(asc(notificationAttempts.number));
}

function stateAfter(after: DeliveryAfter) {
  if (after.status !== 'pending')
    return { status: after.status, leaseUntil: null, nextAttemptAt: null, finishedAt: sql`now()` };
  const nextAttemptAt = sql`now() + ${`${after.inMs} milliseconds`}::interval`;
  return { status: after.status, leaseUntil: null, nextAttemptAt };
}

function heldBy({ id, tenantId, fence }: HeldDelivery) {
  return and(
    eq(notificationDeliveries.id, id),
    eq(notificationDeliveries.tenantId, tenantId),
    eq(notificationDeliveries.fence, fence),
    eq(notificationDeliveries.status, 'sending'),
  );
}
