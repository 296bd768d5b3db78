import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectors, fieldMappings, syncRuns } from '../../../src/db/schema/index.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, UNKNOWN_ID } from './fixture.ts';

const STATE =
  '{"bookmarks":{"Opportunity":{"SystemModstamp":"2026-03-28T12:01:00Z","id":9007199254740993,"ratio":1.0}}}';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

/** The history of the document's example. */
async function insertRun(
  connectorId: string,
  loadId: number,
  values: Partial<typeof syncRuns.$inferInsert> = {},
) {
  const id = api.deps.newId();
  await api.deps.database.db.insert(syncRuns).values({
    id,
    tenantId: 'acme',
    connectorId,
    loadId,
    status: 'completed',
    trigger: 'schedule',
    rowsSynced: 1204,
    rowsLoaded: 1204,
    transformErrors: 0,
    tables: [],
    streamStats: {},
    icebergTable: 'ivory_tenant_acme.salesforce_opportunities',
    startedAt: new Date('2026-03-28T12:00:00.123Z'),
    completedAt: new Date('2026-03-28T12:01:43.987Z'),
    durationS: 103,
    ...values,
  });
  return id;
}

async function documentedConnector(): Promise<string> {
  const { id } = await api.create({ config_encrypted: 'ivory1.k.iv.sealed-config' });
  await api.deps.database.db
    .update(connectors)
    .set({
      rowsTotal: 142_830,
      lastSyncedAt: new Date('2026-03-28T12:00:00Z'),
      nextRunAt: new Date('2026-03-28T18:00:00Z'),
      tapState: STATE,
    })
    .where(eq(connectors.id, id));
  return id;
}

const ENTRY = {
  source_system: 'salesforce',
  tap_name: 'tap-salesforce',
  connector_type: 'meltano',
  destination_catalog: 'ivory-lakehouse',
  iomete_namespace: 'ivory_tenant_acme',
  iomete_table: 'salesforce_opportunities',
  sync_schedule: '0 */6 * * *',
  status: 'active',
  consecutive_failures: 0,
  rows_total: 142_830,
  last_synced_at: '2026-03-28T12:00:00Z',
  next_run_at: '2026-03-28T18:00:00Z',
  last_run_status: 'completed',
  last_run_rows: 1204,
  last_run_rows_loaded: 1204,
  last_run_at: '2026-03-28T12:01:43Z',
  last_error: null,
};

describe('GET /v1/admin/connectors', () => {
  test('the documented answer, field by field, with the summary of the last run only', async () => {
    const id = await documentedConnector();
    await insertRun(id, 1, { status: 'failed', rowsSynced: 1, rowsLoaded: 0 });
    await insertRun(id, 2);
    const { status, body } = await api.call('GET', CONNECTORS);
    expect(status).toBe(200);
    expect(body).toEqual({ connectors: [{ id, ...ENTRY }], count: 1 });
  });

  test('one that never ran has no last run; the newest comes first', async () => {
    const { id } = await api.create({ source_system: 'stripe' });
    const { body } = await api.call('GET', CONNECTORS);
    expect(body.count).toBe(body.connectors.length);
    expect(body.connectors[0]).toMatchObject({
      id,
      last_synced_at: null,
      last_run_status: null,
      last_run_rows: null,
      last_run_rows_loaded: null,
      last_run_at: null,
      last_error: null,
    });
  });

  test('another tenant sees nothing of it', async () => {
    const { body } = await api.call('GET', CONNECTORS, { tenant: 'rival' });
    expect(body).toEqual({ connectors: [], count: 0 });
  });
});

describe('GET /v1/admin/connectors/{id}', () => {
  test('the documented fields, those of the list, and no secret', async () => {
    const id = await documentedConnector();
    await insertRun(id, 1, { rowsLoaded: 800 });
    await insertRun(id, 2);
    await api.deps.database.db.insert(fieldMappings).values({
      id: api.deps.newId(),
      tenantId: 'acme',
      connectorId: id,
      sourceStream: 's',
      sourceField: 'f',
      sourceType: 'string',
      targetSchema: 'dm',
      targetTable: 't',
      targetColumn: 'c',
      targetType: 'string',
      llmMapped: false,
      confidenceScore: 1,
    });
    const { status, body, text } = await api.call('GET', `${CONNECTORS}/${id}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      id,
      ...ENTRY,
      mapping_count: 1,
      run_count: 2,
      total_rows_loaded_iomete: 2004,
      tap_state: JSON.parse(STATE),
      tap_version: null,
      meltano_environment: 'prod',
      current_run: null,
      timezone: 'UTC',
      load_mode: 'upsert',
      staging_schema: `etl_staging_salesforce_${id.slice(0, 8)}`,
      state_version: 0,
      has_config: true,
      version: 1,
      created_at: expect.stringMatching(/:\d\dZ$/),
      updated_at: expect.stringMatching(/:\d\dZ$/),
    });
    expect(text).not.toMatch(/webhook_secret|config_encrypted|sealed-config/);
  });

  test('the state comes back with every number as it was', async () => {
    const id = await documentedConnector();
    expect((await api.call('GET', `${CONNECTORS}/${id}`)).text).toContain(`"tap_state":${STATE}`);
  });
});

describe('GET /v1/admin/connectors/{id}/runs', () => {
  test('the documented answer, field by field', async () => {
    const { id } = await api.create();
    const runId = await insertRun(id, 1);
    const { status, body } = await api.call('GET', `${CONNECTORS}/${id}/runs?limit=50`);
    expect(status).toBe(200);
    expect(body).toEqual({
      runs: [
        {
          id: runId,
          status: 'completed',
          rows_synced: 1204,
          rows_loaded: 1204,
          transform_errors: 0,
          iomete_table: 'ivory_tenant_acme.salesforce_opportunities',
          started_at: '2026-03-28T12:00:00Z',
          completed_at: '2026-03-28T12:01:43Z',
          duration_s: 103,
          error_msg: null,
        },
      ],
      count: 1,
    });
  });

  test('latest first, 50 unless said, as many as said', async () => {
    const { id } = await api.create();
    const ids: string[] = [];
    for (let loadId = 1; loadId <= 52; loadId++) ids.push(await insertRun(id, loadId));
    const shown = async (query: string) => {
      const { body } = await api.call('GET', `${CONNECTORS}/${id}/runs${query}`);
      expect(body.count).toBe(body.runs.length);
      return body.runs.map((run: { id: string }) => run.id);
    };
    const latestFirst = ids.toReversed();
    expect(await shown('')).toEqual(latestFirst.slice(0, 50));
    expect(await shown('?limit=1')).toEqual(latestFirst.slice(0, 1));
    expect(await shown('?limit=200')).toEqual(latestFirst);
  });

  test.each(['0', '201', '-1', 'x', '', '1.5', '1e2', ' 5', '5&limit=6'])(
    'limit=%s is refused',
    async (limit) => {
      const { id } = await api.create();
      const { status, body } = await api.call('GET', `${CONNECTORS}/${id}/runs?limit=${limit}`);
      expect([status, body.code, body.errors[0].field]).toEqual([422, 'request.invalid', 'limit']);
    },
  );

  test('an unknown connector has no runs to list', async () => {
    const { status, body } = await api.call('GET', `${CONNECTORS}/${UNKNOWN_ID}/runs`);
    expect([status, body.code]).toEqual([404, 'connector.not_found']);
  });
});
