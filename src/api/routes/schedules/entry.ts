import { z } from '@hono/zod-openapi';
import type { SlotTime } from '../../../services/connectors/preview-schedule.ts';
import { Timestamp, timestamp } from '../../contract.ts';

export const STANDARD_COUNT = 5;
export const MAX_COUNT = 50;

export const SlotTimes = z.array(
  z.object({ utc: Timestamp, local: z.string().openapi({ example: '2026-03-29T03:00:00+02:00' }) }),
);

export function slotTimes(times: readonly SlotTime[]): z.infer<typeof SlotTimes> {
  return times.map(({ utc, local }) => ({ utc: timestamp(utc), local }));
}
