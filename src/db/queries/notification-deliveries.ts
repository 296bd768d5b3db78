import { and, desc, eq, inArray, lt, ne, sql } from 'drizzle-orm';
import type { DeliveryStatus, MessageType } from '../../domain/notification.ts';
import type { DbOrTx } from '../client.ts';
import { notificationDeliveries, notificationMessages } from '../schema/index.ts';

export type Delivery = typeof notificationDeliveries.$inferSelect;

export interface DeliveryFilter {
  endpointId?: string;
  connectorId?: string;
  type?: MessageType;
  statuses?: readonly DeliveryStatus[];
}

/** Deliveries of a tenant, latest first, before the one with the seq `before` when it is given. */
export function listDeliveries(
  db: DbOrTx,
  {
    tenantId,
    filter,
    limit,
    before,
  }: { tenantId: string; filter: DeliveryFilter; limit: number; before: number | null },
): Promise<Delivery[]> {
  const { endpointId, connectorId, type, statuses } = filter;
  const d = notificationDeliveries;
  return db
    .select()
    .from(d)
    .where(
      and(
        eq(d.tenantId, tenantId),
        endpointId === undefined ? undefined : eq(d.endpointId, endpointId),
        connectorId === undefined ? undefined : eq(d.connectorId, connectorId),
        type === undefined ? undefined : eq(d.type, type),
        statuses === undefined ? undefined : inArray(d.status, [...statuses]),
        before === null ? undefined : lt(d.seq, before),
      ),
    )
    .orderBy(desc(d.seq))
    .limit(limit);
}

/** With the body of its message. */
export async function findDelivery(
  db: DbOrTx,
  tenantId: string,
  id: string,
): Promise<(Delivery & { body: string }) | null> {
  const [row] = await db
    .select({ delivery: notificationDeliveries, body: notificationMessages.body })
    .from(notificationDeliveries)
    .innerJoin(notificationMessages, eq(notificationMessages.id, notificationDeliveries.messageId))
    .where(and(eq(notificationDeliveries.id, id), eq(notificationDeliveries.tenantId, tenantId)));
  return row ? { ...row.delivery, body: row.body } : null;
}

/** Makes a delivery due now, with all its tries before it. False: it is being sent, or gone. */
export async function beginAgain(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const d = notificationDeliveries;
  const begun = await tx
    .update(d)
    .set({ status: 'pending', tries: 0, nextAttemptAt: sql`now()`, finishedAt: null })
    .where(and(eq(d.id, id), eq(d.tenantId, tenantId), ne(d.status, 'sending')))
    .returning({ id: d.id });
  return begun.length > 0;
}

/** Old messages, with their deliveries. */
export async function pruneNotifications(
  tx: DbOrTx,
  { before, limit }: { before: Date; limit: number },
): Promise<number> {
  const old = sql`select id from ${notificationMessages} where created_at < ${before.toISOString()}::timestamptz
    order by created_at limit ${limit}`;
  const { rowCount } = await tx.execute(
    sql`delete from ${notificationMessages} where id = any(array(${old}))`,
  );
  return rowCount ?? 0;
}
