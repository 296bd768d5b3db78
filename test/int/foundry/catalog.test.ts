import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createLakehouseStore } from '../../../src/adapters/foundry/lakehouse-store.ts';
import { createReadModelStore } from '../../../src/adapters/foundry/read-models/read-models.ts';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { connectors } from '../../../src/db/schema/index.ts';
import type { CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { assembleCatalog } from '../../../src/foundry/catalog/assemble.ts';
import { withDeclaredWords } from '../../../src/foundry/catalog/declared-words.ts';
import { createCatalogMemory } from '../../../src/foundry/catalog/memory.ts';
import { readCatalogFile } from '../../../src/foundry/catalog-file.ts';
import type { Lakehouse } from '../../../src/ports/lakehouse.ts';
import type { QueryStore, TenantScope } from '../../../src/ports/query-store.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { disableCatalog } from '../../../src/services/catalogs/disable.ts';
import { foundrySchema } from '../../../src/services/foundry/schema.ts';
import { insertConnector, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { insertMapping } from '../api/rows.ts';

let bare: TestDeps;
let deps: TestDeps;
let lakehouse: Lakehouse;
let models: QueryStore;
beforeAll(async () => {
  bare = await createTestDeps();
  lakehouse = createPostgresLakehouse({ url: bare.databaseUrl });
  models = createReadModelStore({ url: bare.databaseUrl });
  deps = { ...bare, lakehouse, stores: [createLakehouseStore(lakehouse), models] };
  for (const tenantId of ['acme', 'rival'])
    await addCatalog(tenantContext(deps, tenantId), { catalogName: 'lake' });
  await sql(`
    create table ivory_tenant_acme.deals (id bigint, stage text, account_id bigint);
    create table ivory_tenant_acme.accounts (id bigint primary key, name text);
    insert into ivory_tenant_acme.deals values (1, 'acme won', 1);
    create table ivory_tenant_rival.deals (id bigint, stage text);
    insert into ivory_tenant_rival.deals values (1, 'rival won'), (2, 'rival lost');`);
});
afterAll(async () => {
  await models.close();
  await lakehouse.close();
  await bare.close();
});

const sql = (text: string) => bare.database.pool.query(text);
const never = () => new AbortController().signal;
const ACME: TenantScope = { tenantId: 'acme', namespaces: ['ivory_tenant_acme'] };

async function tableNames(of: TestDeps, tenantId = 'acme') {
  const { catalog } = await foundrySchema(tenantContext(of, tenantId));
  return catalog.sources.flatMap(({ tables }) => tables.map(({ name }) => name));
}

function tableOf(name: string): CatalogTable {
  return {
    ...{ name, kind: 'table', description: null, rowCount: null, columns: [], keys: [], references: [] },
    ...{ tenantColumn: null, timeColumn: null },
  };
}

/** A store that is described as told. */
function scripted(
  describeTables: (tenant: TenantScope, signal: AbortSignal) => Promise<CatalogTable[]>,
): QueryStore {
  return {
    target: 'questdb',
    dialect: 'questdb',
    describe: describeTables,
    query: async () => ({ columns: [], rows: [], truncated: false }),
    ping: async () => {},
    close: async () => {},
  };
}

describe('the catalog of a tenant', () => {
  test('is that of all stores, with keys of mappings and references by names', async () => {
    const connector = await insertConnector(deps, { destinationTable: 'deals' });
    await insertMapping(deps, connector.id, 'Deal', 'Id');
    await sql(
      `update etl.field_mappings set is_key = true, reviewed = true, target_table = 'anything', target_column = 'id'`,
    );
    const { tenant, catalog } = await foundrySchema(
      tenantContext({ ...deps, catalogs: createCatalogMemory() }),
    );
    expect(tenant).toEqual(ACME);
    expect(catalog.sources.map(({ target, available }) => [target, available])).toEqual([
      ['iomete', true],
      ['postgres', true],
    ]);
    expect(catalog.sources[0]?.tables.find(({ name }) => name === 'ivory_tenant_acme.deals')).toMatchObject({
      keys: [['id']],
      references: [{ columns: ['account_id'], table: 'ivory_tenant_acme.accounts', to: ['id'] }],
    });
  });

  test('has what the operator says of its tables', async () => {
    const file = readCatalogFile(
      JSON.stringify({
        iomete: {
          tables: [
            {
              name: 'ivory_tenant_acme.deals',
              description: 'Every deal',
              columns: { stage: 'Where it stands' },
              keys: [['id']],
              references: [{ columns: ['account_id'], table: 'ivory_tenant_acme.accounts', to: ['id'] }],
            },
          ],
        },
      }),
      'c.json',
    );
    const store = withDeclaredWords(createLakehouseStore(lakehouse), file.iomete);
    const options = { timeoutMs: 30_000, signal: never(), known: null, onFailure: () => {} };
    const { sources } = await assembleCatalog([store], ACME, options);
    expect(sources[0]?.tables.find(({ name }) => name === 'ivory_tenant_acme.deals')).toMatchObject({
      description: 'Every deal',
      keys: [['id']],
      references: [{ columns: ['account_id'], table: 'ivory_tenant_acme.accounts', to: ['id'] }],
      columns: [{}, { name: 'stage', description: 'Where it stands' }, {}],
    });
  });

  test('is as it was until a run has ended, and then as it is', async () => {
    const connector = await insertConnector(deps, { destinationTable: 'fresh' });
    expect(await tableNames(deps)).not.toContain('ivory_tenant_acme.fresh');
    await sql('create table ivory_tenant_acme.fresh (id bigint)');
    expect(await tableNames(deps)).not.toContain('ivory_tenant_acme.fresh');
    await bare.database.db
      .update(connectors)
      .set({ lastSyncedAt: new Date() })
      .where(eq(connectors.id, connector.id));
    expect(await tableNames(deps)).toContain('ivory_tenant_acme.fresh');
  });

  test('loses the tables of a catalog that is disabled at once', async () => {
    const ctx = tenantContext(deps);
    await addCatalog(ctx, { catalogName: 'second', namespace: 'acme_second' });
    await sql('create table acme_second.things (id bigint)');
    await bare.database.db
      .update(connectors)
      .set({ lastSyncedAt: new Date(0) })
      .where(eq(connectors.tenantId, 'acme'));
    expect(await tableNames(deps)).toContain('acme_second.things');
    await disableCatalog(ctx, { catalogName: 'second' });
    expect(await tableNames(deps)).not.toContain('acme_second.things');
  });

  test('of one that has none is empty sources', async () => {
    const { catalog } = await foundrySchema(tenantContext(deps, 'nobody'));
    expect(catalog.sources[0]).toEqual({
      target: 'iomete',
      dialect: 'postgres',
      available: true,
      tables: [],
    });
  });

  test('never has a table or a value of another tenant, however many ask at once', async () => {
    const shared = { ...deps, catalogs: createCatalogMemory({ ttlMs: 0 }) };
    const asked = Array.from({ length: 40 }, async (_, n) => {
      const [own, other] = n % 2 === 0 ? ['acme', 'rival'] : ['rival', 'acme'];
      const text = JSON.stringify((await foundrySchema(tenantContext(shared, own))).catalog);
      return (
        text.includes(`${own} won`) && !text.includes(`${other} won`) && !text.includes(`tenant_${other}`)
      );
    });
    expect(await Promise.all(asked)).not.toContain(false);
  });
});

describe('a store that fails', () => {
  const down = new UnavailableError('foundry.store_unavailable', 'down');
  const options = { timeoutMs: 30_000, signal: never(), known: null };

  test('is not available; the others are, and what was last known of it stays', async () => {
    const failures: unknown[] = [];
    const onFailure = (target: string, error: unknown) => failures.push([target, error]);
    let isUp = true;
    const flaky = scripted(async () => {
      if (!isUp) throw down;
      return [tableOf('ticks')];
    });
    const stores = [createLakehouseStore(lakehouse), flaky];
    const known = await assembleCatalog(stores, ACME, { ...options, onFailure });
    isUp = false;
    const later = await assembleCatalog(stores, ACME, { ...options, known, onFailure });
    expect(later.sources.map(({ available }) => available)).toEqual([true, false]);
    expect(later.sources[1]?.tables.map(({ name }) => name)).toEqual(['ticks']);
    expect(failures).toEqual([['questdb', down]]);
  });

  test('or does not heed its signal is not waited for', async () => {
    const deaf = scripted(() => new Promise(() => {}));
    const { sources } = await assembleCatalog([deaf], ACME, {
      ...options,
      timeoutMs: 20,
      onFailure: () => {},
    });
    expect(sources).toEqual([{ target: 'questdb', dialect: 'questdb', available: false, tables: [] }]);
  });

  test('keeps nothing of namespaces that are not asked for any more', async () => {
    let isUp = true;
    const flaky = scripted(async ({ namespaces }) => {
      if (!isUp) throw down;
      return namespaces.map((namespace) => tableOf(`${namespace}.ticks`));
    });
    const ctx = tenantContext({ ...deps, stores: [flaky], catalogs: createCatalogMemory() });
    await addCatalog(ctx, { catalogName: 'third', namespace: 'acme_third' });
    expect((await foundrySchema(ctx)).catalog.sources[0]?.tables).toHaveLength(2);
    isUp = false;
    await disableCatalog(ctx, { catalogName: 'third' });
    expect((await foundrySchema(ctx)).catalog.sources).toEqual([
      { target: 'questdb', dialect: 'questdb', available: false, tables: [] },
    ]);
  });
});

describe('what is remembered', () => {
  const catalogOf = (name: string, available = true) => ({
    sources: [
      { target: 'questdb' as const, dialect: 'questdb' as const, available, tables: [tableOf(name)] },
    ],
  });
  const key = { tenantId: 'acme', scope: 's', version: '1' };

  test('is loaded once for all who ask meanwhile', async () => {
    const memory = createCatalogMemory();
    const gate = Promise.withResolvers<void>();
    let loads = 0;
    const load = async () => {
      loads += 1;
      await gate.promise;
      return catalogOf('t');
    };
    const asked = Array.from({ length: 50 }, () => memory.get(key, load));
    gate.resolve();
    const catalogs = await Promise.all(asked);
    expect([loads, new Set(catalogs).size]).toEqual([1, 1]);
    await memory.get(key, load);
    expect(loads).toBe(1);
  });

  test('grows old, and sooner where a store was down', async () => {
    let now = 0;
    const memory = createCatalogMemory({ ttlMs: 100, brokenTtlMs: 10, clock: () => now });
    const load = (name: string, available = true) => memory.get(key, async () => catalogOf(name, available));
    await load('first', false);
    now = 9;
    expect(await load('second')).toEqual(catalogOf('first', false));
    now = 10;
    expect(await load('third')).toEqual(catalogOf('third'));
    now = 109;
    expect(await load('fourth')).toEqual(catalogOf('third'));
    now = 110;
    expect(await load('fifth')).toEqual(catalogOf('fifth'));
  });

  test('is of the last tenants that asked', async () => {
    const memory = createCatalogMemory({ maxTenants: 2 });
    const get = (tenantId: string, name: string) =>
      memory.get({ ...key, tenantId }, async () => catalogOf(name));
    for (const tenantId of ['a', 'b', 'a', 'c']) await get(tenantId, 'old');
    expect(await get('a', 'new')).toEqual(catalogOf('old'));
    expect(await get('b', 'new')).toEqual(catalogOf('new'));
  });

  test('is not what failed', async () => {
    const memory = createCatalogMemory();
    await expect(memory.get(key, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await memory.get(key, async () => catalogOf('t'))).toEqual(catalogOf('t'));
  });
});
