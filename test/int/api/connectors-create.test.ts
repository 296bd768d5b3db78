import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contextFor } from '../../../src/context.ts';
import { InvalidError } from '../../../src/errors.ts';
import type { Runner } from '../../../src/ports/runner.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { disableCatalog } from '../../../src/services/catalogs/disable.ts';
import { keptConfig } from '../../../src/services/connectors/kept-config.ts';
import { connectorRow, tenantContext } from '../../harness/connectors.ts';
import { type ApiFixture, CONNECTORS, createApiFixture, DOCUMENTED_CREATE } from './fixture.ts';

const KNOWN_TAPS_ONLY: Runner = {
  type: 'custom',
  assertTap(tapName) {
    if (tapName !== 'tap-files') throw new InvalidError('connector.tap_unknown', `No tap "${tapName}".`);
  },
  execute: () => Promise.reject(new Error('nothing runs here')),
  check: () => Promise.reject(new Error('nothing runs here')),
  discover: () => Promise.reject(new Error('nothing runs here')),
};

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture({}, () => ({ runners: { custom: KNOWN_TAPS_ONLY } }));
});
afterAll(() => api.close());

describe('POST /v1/admin/connectors', () => {
  test("the document's example request gets the documented answer", async () => {
    const before = Date.now();
    const { status, body, headers } = await api.call('POST', CONNECTORS, { body: DOCUMENTED_CREATE });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      source_system: 'salesforce',
      tap_name: 'tap-salesforce',
      iomete_namespace: 'ivory_tenant_acme',
      iomete_table: 'salesforce_opportunities',
      webhook_secret: expect.stringMatching(/^[0-9a-f]{64}$/),
      webhook_url: '/v1/etl/meltano/webhook',
      next_run_at: '~5 minutes',
      status: 'active',
      first_run_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      staging_schema: `etl_staging_salesforce_${body.id.slice(0, 8)}`,
      timezone: 'UTC',
    });
    const firstRunInMs = Date.parse(body.first_run_at) - before;
    expect(firstRunInMs).toBeGreaterThan(240_000);
    expect(firstRunInMs).toBeLessThanOrEqual(300_000);
    expect(headers.get('location')).toBe(`${CONNECTORS}/${body.id}`);
  });

  test('what is not said gets the documented default', async () => {
    const { sync_schedule: _, ...required } = DOCUMENTED_CREATE;
    const { body } = await api.call('POST', CONNECTORS, { body: required });
    expect(await connectorRow(api.deps, body.id)).toMatchObject({
      tenantId: 'acme',
      syncSchedule: '0 2 * * *',
      configEncrypted: null,
      tapVersion: null,
      connectorType: 'meltano',
      meltanoEnvironment: 'prod',
      timezone: 'UTC',
      loadMode: 'upsert',
      status: 'active',
      consecutiveFailures: 0,
      tapState: null,
    });
  });

  test('everything that can be said is kept', async () => {
    const said = {
      tap_version: '1.4.0',
      connector_type: 'airbyte',
      meltano_environment: 'staging',
      config_encrypted: 'ivory1.k.iv.body',
      timezone: 'Europe/Berlin',
      load_mode: 'append',
    };
    const { id } = await api.create(said);
    const row = await connectorRow(api.deps, id);
    expect(row).toMatchObject({
      tapVersion: '1.4.0',
      connectorType: 'airbyte',
      meltanoEnvironment: 'staging',
      timezone: 'Europe/Berlin',
      loadMode: 'append',
    });
    expect(keptConfig(tenantContext(api.deps), id, row.configEncrypted ?? '')).toBe('ivory1.k.iv.body');
  });

  test('the webhook secret is sealed in its row', async () => {
    const { id, webhook_secret } = await api.create();
    const { webhookSecretSealed } = await connectorRow(api.deps, id);
    expect(webhookSecretSealed).not.toContain(webhook_secret);
    const place = { tenantId: 'acme', connectorId: id, field: 'webhook_secret' };
    expect(api.deps.sealer.open(webhookSecretSealed, place)).toBe(webhook_secret);
  });

  test.each([
    ['a missing field', { source_system: undefined }, 'request.invalid', 'source_system'],
    ['an unknown field', { owner: 'me' }, 'request.invalid', 'owner'],
    ['a field of another type', { tap_name: 7 }, 'request.invalid', 'tap_name'],
    ['a null where none is allowed', { sync_schedule: null }, 'request.invalid', 'sync_schedule'],
    ['an unknown type of connector', { connector_type: 'zapier' }, 'request.invalid', 'connector_type'],
    [
      'a config in the clear',
      { config_encrypted: '{"password":"x"}' },
      'connector.config_not_encrypted',
      'config_encrypted',
    ],
    ['a config that is an object', { config_encrypted: {} }, 'request.invalid', 'config_encrypted'],
    ['a version with a shell in it', { tap_version: '1; rm -rf /' }, 'request.invalid', 'tap_version'],
    ['a NUL', { destination_catalog: 'a\u0000b' }, 'request.invalid', 'destination_catalog'],
    [
      'a table with a dot',
      { destination_table: 'other.table' },
      'connector.destination_table_invalid',
      'destination_table',
    ],
    [
      'a table with a quote',
      { destination_table: 't"; drop' },
      'connector.destination_table_invalid',
      'destination_table',
    ],
    [
      'a table name too long',
      { destination_table: 't'.repeat(64) },
      'connector.destination_table_invalid',
      'destination_table',
    ],
    ['a tap that is a path', { tap_name: '../../bin/sh' }, 'connector.tap_name_invalid', 'tap_name'],
    ['a tap that is an option', { tap_name: '--help' }, 'connector.tap_name_invalid', 'tap_name'],
    [
      'a source with a space',
      { source_system: 'sales force' },
      'connector.source_system_invalid',
      'source_system',
    ],
    ['no cron expression', { sync_schedule: 'daily' }, 'schedule.invalid', 'sync_schedule'],
    ['a schedule that never fires', { sync_schedule: '0 0 30 2 *' }, 'schedule.never_fires', 'sync_schedule'],
    [
      'a schedule of every second',
      { sync_schedule: '* * * * * *' },
      'schedule.too_frequent',
      'sync_schedule',
    ],
    [
      'a name no Meltano environment can have',
      { meltano_environment: 'prod:eu' },
      'request.invalid',
      'meltano_environment',
    ],
    ['an unknown time zone', { timezone: 'Mars/Phobos' }, 'schedule.timezone_unknown', 'timezone'],
    [
      'a catalog that is not there',
      { destination_catalog: 'nowhere' },
      'connector.catalog_unknown',
      'destination_catalog',
    ],
  ])('%s is refused, naming the field', async (_name, change, code, field) => {
    const { status, body } = await api.call('POST', CONNECTORS, {
      body: { ...DOCUMENTED_CREATE, ...change },
    });
    expect([status, body.code, body.errors[0].field]).toEqual([422, code, field]);
  });

  test('a tap that the runner here does not know is refused', async () => {
    const body = { ...DOCUMENTED_CREATE, connector_type: 'custom' };
    const refused = await api.call('POST', CONNECTORS, { body });
    expect([refused.status, refused.body.code]).toEqual([422, 'connector.tap_unknown']);
    expect((await api.call('POST', CONNECTORS, { body: { ...body, tap_name: 'tap-files' } })).status).toBe(
      201,
    );
  });

  test('a disabled catalog is refused, and says so', async () => {
    const ctx = contextFor(api.deps, { tenantId: 'acme', actor: 'test' });
    await addCatalog(ctx, { catalogName: 'old' });
    await disableCatalog(ctx, { catalogName: 'old' });
    const { status, body } = await api.call('POST', CONNECTORS, {
      body: { ...DOCUMENTED_CREATE, destination_catalog: 'old' },
    });
    expect([status, body.code]).toEqual([422, 'connector.catalog_inactive']);
  });

  test("another tenant's catalog is unknown", async () => {
    const ctx = contextFor(api.deps, { tenantId: 'rival', actor: 'test' });
    await addCatalog(ctx, { catalogName: 'rivals-own' });
    const { body } = await api.call('POST', CONNECTORS, {
      body: { ...DOCUMENTED_CREATE, destination_catalog: 'rivals-own' },
    });
    expect(body.code).toBe('connector.catalog_unknown');
  });
});

describe('ids and staging schemas', () => {
  test('an id whose staging schema is taken is drawn again', async () => {
    const [taken, same, free] = [
      'aaaaaaaa-0000-4000-8000-000000000001',
      'aaaaaaaa-0000-4000-8000-000000000002',
      'bbbbbbbb-0000-4000-8000-000000000003',
    ];
    const ids: string[] = [];
    const fixture = await createApiFixture({}, () => ({ newId: () => ids.shift() ?? crypto.randomUUID() }));
    try {
      // the first of each request is its request id
      ids.push('request-1', taken, 'request-2', same, free);
      expect([(await fixture.create()).id, (await fixture.create()).id]).toEqual([taken, free]);
    } finally {
      await fixture.close();
    }
  });

  test('where one schema a source is kept, a second connector of the source is a conflict', async () => {
    const fixture = await createApiFixture({}, ({ settings }) => ({
      settings: { ...settings, stagingSchemaTemplate: 'etl_staging_{source}' },
    }));
    try {
      expect((await fixture.create()).staging_schema).toBe('etl_staging_salesforce');
      const { status, body } = await fixture.call('POST', CONNECTORS, { body: DOCUMENTED_CREATE });
      expect([status, body.code]).toEqual([409, 'connector.staging_schema_taken']);
    } finally {
      await fixture.close();
    }
  });
});
