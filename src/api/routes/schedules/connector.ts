import { createRoute, z } from '@hono/zod-openapi';
import { CONNECTOR_STATUSES } from '../../../domain/connector-state.ts';
import { connectorSchedule } from '../../../services/connectors/preview-schedule.ts';
import { ConnectorParams, json, problems, SECURITY, Timestamp, timestampOrNull } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { MAX_COUNT, SlotTimes, STANDARD_COUNT, slotTimes } from './entry.ts';

const Schedule = z
  .object({
    connector_id: z.string(),
    status: z.enum(CONNECTOR_STATUSES),
    sync_schedule: z.string(),
    timezone: z.string(),
    next_run_at: Timestamp.nullable().openapi({
      description:
        'When the next run starts: a trigger or a retry may come before the schedule; null: stopped.',
    }),
    times: SlotTimes,
  })
  .openapi('Schedule');

const count = z
  .string()
  .regex(/^\d{1,3}$/, `must be a whole number from 1 to ${MAX_COUNT}`)
  .default(String(STANDARD_COUNT))
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_COUNT))
  .openapi({ type: 'integer', minimum: 1, maximum: MAX_COUNT, default: STANDARD_COUNT });

const contract = createRoute({
  method: 'get',
  path: '/v1/admin/connectors/{id}/schedule',
  tags: ['Schedules'],
  summary: "Preview a connector's schedule",
  description: 'The next times of its schedule; one that is stopped would run at them.',
  security: SECURITY,
  request: { params: ConnectorParams, query: z.object({ count }) },
  responses: { 200: json(Schedule, 'The next times'), ...problems(404, 422) },
});

export function connectorScheduleRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const asked = { connectorId: c.req.valid('param').id, count: c.req.valid('query').count };
    const { connector, times } = await connectorSchedule(c.get('ctx'), asked);
    return c.json(
      {
        connector_id: connector.id,
        status: connector.status,
        sync_schedule: connector.syncSchedule,
        timezone: connector.timezone,
        next_run_at: timestampOrNull(connector.nextRunAt),
        times: slotTimes(times),
      },
      200,
    );
  });
}
