import { createRoute, z } from '@hono/zod-openapi';
import { previewSchedule } from '../../../services/connectors/preview-schedule.ts';
import { body, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { SETTINGS } from '../connectors/settings.ts';
import { MAX_COUNT, SlotTimes, STANDARD_COUNT, slotTimes } from './entry.ts';

const Preview = z
  .strictObject({
    sync_schedule: SETTINGS.sync_schedule,
    timezone: SETTINGS.timezone.default('UTC'),
    count: z.int().min(1).max(MAX_COUNT).default(STANDARD_COUNT),
  })
  .openapi('PreviewSchedule');

const Previewed = z
  .object({ sync_schedule: z.string(), timezone: z.string(), times: SlotTimes })
  .openapi('SchedulePreview');

const contract = createRoute({
  method: 'post',
  path: '/v1/admin/schedules/preview',
  tags: ['Schedules'],
  summary: 'Preview a schedule',
  description: 'The next times of a schedule, or why it is refused, before a connector has it.',
  security: SECURITY,
  request: { headers: IdempotencyHeader, body: body(Preview) },
  responses: { 200: json(Previewed, 'The next times'), ...problems(400, 409, 413, 415, 422) },
});

export function previewScheduleRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const { sync_schedule, timezone, count } = c.req.valid('json');
    const times = await previewSchedule(c.get('ctx'), { syncSchedule: sync_schedule, timezone, count });
    return c.json({ sync_schedule, timezone, times: slotTimes(times) }, 200);
  });
}
