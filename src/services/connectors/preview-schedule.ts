import type { Ctx } from '../../context.ts';
import { readClock } from '../../db/queries/clock.ts';
import { findConnector } from '../../db/queries/connectors.ts';
import { localTime } from '../../domain/local-time.ts';
import { assertSchedule, previewSlots } from '../../domain/schedule.ts';
import { assertConnectorId, connectorNotFound } from './connector-id.ts';

export interface SlotTime {
  utc: Date;
  /** On the wall of the schedule's zone, with its offset. */
  local: string;
}

export interface PreviewInput {
  syncSchedule: string;
  timezone: string;
  count: number;
}

/** The next times of a schedule that need not be anybody's yet. Throws InvalidError `schedule.*`. */
export async function previewSchedule(
  ctx: Ctx,
  { syncSchedule, timezone, count }: PreviewInput,
): Promise<SlotTime[]> {
  const now = await readClock(ctx.database.db);
  assertSchedule(syncSchedule, timezone, now);
  const slots = previewSlots(syncSchedule, timezone, now, count);
  return slots.map((utc) => ({ utc, local: localTime(utc, timezone) }));
}

/** The same for a connector, whatever its status. Throws NotFoundError `connector.not_found`. */
export async function connectorSchedule(
  ctx: Ctx,
  { connectorId, count }: { connectorId: string; count: number },
) {
  assertConnectorId(connectorId);
  const connector = await findConnector(ctx.database.db, ctx.tenantId, connectorId);
  if (!connector) throw connectorNotFound();
  return { connector, times: await previewSchedule(ctx, { ...connector, count }) };
}
