import type { Ctx } from '../../context.ts';
import { type Attempt, listAttempts } from '../../db/queries/notification-attempts.ts';
import {
  type Delivery,
  type DeliveryFilter,
  findDelivery,
  listDeliveries as select,
} from '../../db/queries/notification-deliveries.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';
import { assertDeliveryId, deliveryNotFound } from './not-found.ts';

export interface DeliveryDetail extends Delivery {
  /** JSON, as it is sent. */
  body: string;
  /** Oldest first. */
  made: Attempt[];
}

export interface ListDeliveriesInput {
  filter: DeliveryFilter;
  limit: number;
  /** Only those before the one with this seq. */
  before: number | null;
}

/** Deliveries of the tenant, latest first. */
export async function listDeliveries(
  ctx: Ctx,
  { filter, limit, before }: ListDeliveriesInput,
): Promise<Page<Delivery>> {
  const asked = { tenantId: ctx.tenantId, filter, limit: oneMore(limit), before };
  return pageOf(await select(ctx.database.db, asked), limit);
}

/** One with its message and its attempts. Throws NotFoundError `notification.delivery_not_found`. */
export async function getDelivery(ctx: Ctx, { deliveryId }: { deliveryId: string }): Promise<DeliveryDetail> {
  assertDeliveryId(deliveryId);
  const { db } = ctx.database;
  const delivery = await findDelivery(db, ctx.tenantId, deliveryId);
  if (!delivery) throw deliveryNotFound();
  return { ...delivery, made: await listAttempts(db, ctx.tenantId, deliveryId) };
}
