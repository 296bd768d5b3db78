import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectors } from '../../../src/db/schema/index.ts';
import { type ApiFixture, CONNECTORS, createApiFixture } from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const preview = (body: unknown) => api.call('POST', '/v1/admin/schedules/preview', { body });

interface SlotTime {
  utc: string;
  local: string;
}

describe('schedule preview', () => {
  test('names the next five times, in UTC and on the wall of the zone', async () => {
    const { status, body } = await preview({ sync_schedule: '30 9 * * *', timezone: 'Asia/Kolkata' });
    expect([status, body.sync_schedule, body.timezone, body.times.length]).toEqual([
      200,
      '30 9 * * *',
      'Asia/Kolkata',
      5,
    ]);
    for (const { utc, local } of body.times as SlotTime[]) {
      expect(local).toMatch(/T09:30:00\+05:30$/);
      expect(utc).toMatch(/T04:00:00Z$/);
      expect(new Date(local)).toEqual(new Date(utc));
      expect(new Date(utc).getTime()).toBeGreaterThan(Date.now());
    }
  });

  test('follows the offset of the zone through the year', async () => {
    const { body } = await preview({ sync_schedule: '0 12 1 1,7 *', timezone: 'America/New_York', count: 2 });
    const offsets = body.times.map(({ local }: SlotTime) => local.slice(-6));
    expect(offsets.sort()).toEqual(['-04:00', '-05:00']);
  });

  test.each([
    [{ sync_schedule: '* * * * * *' }, 'schedule.too_frequent'],
    [{ sync_schedule: '0 0 31 2 *' }, 'schedule.never_fires'],
    [{ sync_schedule: 'often' }, 'schedule.invalid'],
    [{ sync_schedule: '0 0 * * *', timezone: 'Nowhere' }, 'schedule.timezone_unknown'],
    [{ sync_schedule: '0 0 * * *', count: 51 }, 'request.invalid'],
    [{}, 'request.invalid'],
  ])('%j is refused with its reason', async (body, code) => {
    const answer = await preview(body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
  });

  test("a connector's own: its times, and when its next run really starts", async () => {
    const { id, first_run_at } = await api.create({ sync_schedule: '0 2 * * *', timezone: 'Europe/Berlin' });
    const { status, body } = await api.call('GET', `${CONNECTORS}/${id}/schedule?count=3`);
    expect([status, body.next_run_at, body.status]).toEqual([200, first_run_at, 'active']);
    expect(body.times.map(({ local }: SlotTime) => local.slice(11, 19))).toEqual([
      '02:00:00',
      '02:00:00',
      '02:00:00',
    ]);
    await api.deps.database.db
      .update(connectors)
      .set({ status: 'paused', nextRunAt: null })
      .where(eq(connectors.id, id));
    const paused = (await api.call('GET', `${CONNECTORS}/${id}/schedule`)).body;
    expect([paused.status, paused.next_run_at, paused.times.length]).toEqual(['paused', null, 5]);
  });

  test.each(['0', '51', 'x', '1.5'])('count=%s is refused', async (count) => {
    const { id } = await api.create();
    expect((await api.call('GET', `${CONNECTORS}/${id}/schedule?count=${count}`)).status).toBe(422);
  });
});
