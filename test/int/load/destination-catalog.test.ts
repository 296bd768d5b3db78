import { describe, expect, test } from 'vitest';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { disableCatalog } from '../../../src/services/catalogs/disable.ts';
import { createConnector } from '../../../src/services/connectors/create.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { connectorRow, tenantContext } from '../../harness/connectors.ts';
import { createStaged, TENANT } from './fixtures.ts';
import { useLoading } from './loading.ts';

const INPUT = {
  sourceSystem: 'crm',
  tapName: 'tap-files',
  tapVersion: null,
  configEncrypted: null,
  connectorType: 'fivetran',
  meltanoEnvironment: 'prod',
  destinationTable: 'deals',
  syncSchedule: '0 2 * * *',
  timezone: 'UTC',
  loadMode: 'upsert',
} as const;

describe('the catalog a connector names', () => {
  const loading = useLoading();

  const create = (destinationCatalog: string, tenantId = TENANT) =>
    createConnector(tenantContext(loading.deps, tenantId), {
      ...INPUT,
      destinationCatalog,
    });

  async function loadOne(destinationCatalog: string) {
    const { connector } = await create(destinationCatalog);
    const row = await connectorRow(loading.deps, connector.id);
    const { sql } = loading.deps.database;
    await sql.unsafe(`create schema if not exists "${row.stagingSchema}"`);
    const input = { ...(await loading.run()), connector: row };
    const at = await createStaged(sql, row, 'deals', { fields: 'id bigint, name text', key: 'id' });
    await sql.unsafe(
      `insert into ${at} (id, name, _ivory_load_id) values (1, '${destinationCatalog}', ${input.loadId})`,
    );
    const [stats] = await loadStreams(loading.ctx, input);
    return { row, table: stats?.table };
  }

  const rowsOf = async (namespace: string) =>
    (
      await loading.deps.lakehouse.query(TENANT, namespace, 'select name from deals', {
        maxRows: 10,
        timeoutMs: 10_000,
      })
    ).rows;

  test('decides the namespace its rows go to: two of one tenant keep apart', async () => {
    await addCatalog(loading.ctx, { catalogName: 'sales', namespace: 'acme_sales' });
    await addCatalog(loading.ctx, { catalogName: 'finance', namespace: 'acme_finance' });
    const loads = [await loadOne('sales'), await loadOne('finance')];
    expect(loads.map(({ row, table }) => [row.destinationCatalog, row.namespace, table])).toEqual([
      ['sales', 'acme_sales', 'acme_sales.deals'],
      ['finance', 'acme_finance', 'acme_finance.deals'],
    ]);
    expect([await rowsOf('acme_sales'), await rowsOf('acme_finance')]).toEqual([[['sales']], [['finance']]]);
  });

  test('takes no new connector when it is disabled; those it has go on', async () => {
    await addCatalog(loading.ctx, { catalogName: 'old', namespace: 'acme_old' });
    const { row } = await loadOne('old');
    await disableCatalog(loading.ctx, { catalogName: 'old' });
    await expect(create('old')).rejects.toMatchObject({ code: 'connector.catalog_inactive' });
    const input = { ...(await loading.run()), connector: row };
    await loading.deps.database.sql.unsafe(
      `update "${row.stagingSchema}".deals set name = 'again', _ivory_load_id = ${input.loadId}`,
    );
    await loadStreams(loading.ctx, input);
    expect(await rowsOf('acme_old')).toEqual([['again']]);
  });

  test('must be one of the tenant’s own', async () => {
    await addCatalog(loading.ctx, { catalogName: 'mine', namespace: 'acme_mine' });
    await expect(create('mine', 'rival')).rejects.toMatchObject({ code: 'connector.catalog_unknown' });
    await expect(create('nowhere')).rejects.toMatchObject({ code: 'connector.catalog_unknown' });
  });
});
