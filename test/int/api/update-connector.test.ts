import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { auditEvents, connectors } from '../../../src/db/schema/index.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { nextSlot } from '../../../src/domain/schedule.ts';
import { keptConfig } from '../../../src/services/connectors/kept-config.ts';
import { connectorRow, tenantContext } from '../../harness/connectors.ts';
import { TEST_CONFIG_KEY } from '../../harness/context.ts';
import { type ApiFixture, CONNECTORS, createApiFixture } from './fixture.ts';
import { insertRun } from './rows.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const patch = (id: string, body: unknown, headers: Record<string, string> = {}) =>
  api.call('PATCH', `${CONNECTORS}/${id}`, { body, headers });
/** The config as it was handed in; its row keeps it sealed once more. */
async function keptIn(id: string): Promise<string> {
  const { configEncrypted } = await connectorRow(api.deps, id);
  return keptConfig(tenantContext(api.deps), id, configEncrypted ?? '');
}
const set = (id: string, values: Partial<typeof connectors.$inferInsert>) =>
  api.deps.database.db.update(connectors).set(values).where(eq(connectors.id, id));

describe('PATCH a connector', () => {
  test('changes what it names, nothing else, raises the version, and answers the detail', async () => {
    const { id } = await api.create({ config_encrypted: 'v1.old' });
    const before = (await api.call('GET', `${CONNECTORS}/${id}`)).body;
    const { status, body, headers } = await patch(id, {
      destination_table: 'deals',
      tap_version: '2.0.1',
      load_mode: 'append',
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      ...before,
      iomete_table: 'deals',
      tap_version: '2.0.1',
      load_mode: 'append',
      version: before.version + 1,
      updated_at: expect.any(String),
    });
    expect(headers.get('etag')).toBe(`"${before.version + 1}"`);
    expect((await api.call('GET', `${CONNECTORS}/${id}`)).body).toEqual(body);
    expect(await keptIn(id)).toBe('v1.old');
  });

  test('a new config is kept and never shown; the audit says that it changed', async () => {
    const { id } = await api.create();
    const { text, body } = await patch(id, { config_encrypted: 'v1.sesame' });
    expect([body.has_config, text.includes('sesame')]).toEqual([true, false]);
    expect(await keptIn(id)).toBe('v1.sesame');
    const events = await api.deps.database.db
      .select()
      .from(auditEvents)
      .where(and(eq(auditEvents.subject, id), eq(auditEvents.action, 'connector.update')));
    expect(events).toMatchObject([{ detail: { changed: ['configEncrypted'], version: 2 } }]);
    expect(JSON.stringify(events)).not.toContain('sesame');
    expect((await patch(id, { config_encrypted: null })).body.has_config).toBe(false);
  });

  test('a new schedule or time zone moves the next run at once', async () => {
    const { id } = await api.create();
    const { body } = await patch(id, { sync_schedule: '30 3 1 1 *', timezone: 'Asia/Tokyo' });
    expect(body.next_run_at).toBe(
      `${nextSlot('30 3 1 1 *', 'Asia/Tokyo', new Date()).toISOString().slice(0, 19)}Z`,
    );
    const moved = await patch(id, { timezone: 'UTC' });
    expect(moved.body.next_run_at).toMatch(/-01-01T03:30:00Z$/);
  });

  test('it moves neither a triggered connector, nor an earlier retry, nor a stopped one', async () => {
    const { id } = await api.create();
    const soon = new Date(Date.now() + 60_000);
    for (const values of [
      { nextTrigger: 'manual' as const, nextRunAt: soon },
      { nextTrigger: 'retry' as const, nextRunAt: soon },
      { status: 'paused' as const, nextTrigger: null, nextRunAt: null },
      { status: 'error' as const, nextTrigger: null, nextRunAt: null },
    ]) {
      await set(id, { status: 'active', syncSchedule: '0 2 * * *', ...values });
      expect((await patch(id, { sync_schedule: '0 5 1 1 *' })).status).toBe(200);
      expect(await connectorRow(api.deps, id)).toMatchObject(values);
    }
  });

  test('a retry later than the new schedule gives way to it', async () => {
    const { id } = await api.create();
    await set(id, { nextTrigger: 'retry', nextRunAt: new Date(Date.now() + 86_400_000 * 30) });
    await patch(id, { sync_schedule: '*/5 * * * *' });
    const { nextRunAt, nextTrigger } = await connectorRow(api.deps, id);
    expect(nextTrigger).toBeNull();
    expect((nextRunAt?.getTime() ?? 0) - Date.now()).toBeLessThan(301_000);
  });

  test('with If-Match it changes only the version that was read', async () => {
    const { id } = await api.create();
    const etag = (await api.call('GET', `${CONNECTORS}/${id}`)).headers.get('etag') ?? '';
    expect((await patch(id, { load_mode: 'append' }, { 'if-match': etag })).status).toBe(200);
    const stale = await patch(id, { load_mode: 'upsert' }, { 'if-match': etag });
    expect([stale.status, stale.body.code]).toEqual([412, 'connector.version_changed']);
    expect((await connectorRow(api.deps, id)).loadMode).toBe('append');
    expect((await patch(id, { load_mode: 'upsert' }, { 'if-match': '*' })).status).toBe(200);
    const odd = await patch(id, { load_mode: 'append' }, { 'if-match': 'W/"3"' });
    expect([odd.status, odd.body.code]).toEqual([422, 'request.if_match_invalid']);
  });

  test('of two at once over one version one wins', async () => {
    const { id } = await api.create();
    const answers = await Promise.all(
      ['a', 'b', 'c', 'd'].map((destination_table) =>
        patch(id, { destination_table }, { 'if-match': '"1"' }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412, 412, 412]);
    expect((await connectorRow(api.deps, id)).version).toBe(2);
  });

  test('pause and resume are changes too; what is so already is none', async () => {
    const { id } = await api.create();
    const version = async () => (await connectorRow(api.deps, id)).version;
    for (const [verb, expected] of [
      ['pause', 2],
      ['pause', 2],
      ['resume', 3],
      ['resume', 3],
    ] as const) {
      await api.call('POST', `${CONNECTORS}/${id}/${verb}`);
      expect([verb, await version()]).toEqual([verb, expected]);
    }
    await patch(id, { load_mode: 'upsert', sync_schedule: '0 */6 * * *' });
    expect(await version()).toBe(3);
  });

  test.each(['queued', 'running', 'loading'] as const)(
    'under a run that is %s the load stays as it is; config, tap and schedule may change',
    async (status) => {
      const { id } = await api.create();
      await insertRun(api.deps, id, { status });
      for (const change of [{ destination_table: 'other' }, { load_mode: 'append' }]) {
        const { status, body } = await patch(id, { ...change, tap_version: '9' });
        expect([status, body.code]).toEqual([409, 'connector.run_unfinished']);
      }
      expect(await connectorRow(api.deps, id)).toMatchObject({ tapVersion: null, version: 1 });
      const changes = { config_encrypted: 'v1.new', tap_version: '9', sync_schedule: '1 1 * * *' };
      expect((await patch(id, changes)).status).toBe(200);
    },
  );

  test.each([
    [{}, 'request.invalid'],
    [{ source_system: 'x' }, 'request.invalid'],
    [{ sync_schedule: null }, 'request.invalid'],
    [{ load_mode: 'merge' }, 'request.invalid'],
    [{ sync_schedule: '* * * * * *' }, 'schedule.too_frequent'],
    [{ sync_schedule: '0 0 30 2 *' }, 'schedule.never_fires'],
    [{ timezone: 'Mars/Olympus' }, 'schedule.timezone_unknown'],
    [{ destination_table: 'a b' }, 'connector.destination_table_invalid'],
    [{ config_encrypted: '{"password":"x"}' }, 'connector.config_not_encrypted'],
    [{ config_encrypted: 'password: swordfish' }, 'connector.config_not_encrypted'],
    [{ config_encrypted: '"swordfish"' }, 'connector.config_not_encrypted'],
    [{ config_encrypted: 'ivory1.0a0b0c0d.half' }, 'config.envelope_malformed'],
    [{ config_encrypted: 'ivory9.0a0b0c0d.iv.body' }, 'config.envelope_version'],
    [{ config_encrypted: sealConfig(TEST_CONFIG_KEY, {}, { tenantId: 'rival' }) }, 'config.moved'],
  ])('%j is refused', async (body, code) => {
    const { id } = await api.create();
    const answer = await patch(id, body);
    expect([answer.status, answer.body.code]).toEqual([422, code]);
    expect(answer.text).not.toContain('swordfish');
    expect((await connectorRow(api.deps, id)).version).toBe(1);
  });
});
