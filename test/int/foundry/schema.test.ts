import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { UnavailableError } from '../../../src/errors.ts';
import { parseCatalogJson } from '../../../src/foundry/catalog-json.ts';
import type { QueryStore, TenantScope } from '../../../src/ports/query-store.ts';
import { type ApiFixture, createApiFixture } from '../api/fixture.ts';

const TICKS: CatalogTable = {
  name: 'ticks',
  kind: 'table',
  description: 'Every tick',
  rowCount: null,
  columns: [{ name: 'sym', type: 'SYMBOL', nullable: true, description: null, samples: ['AAPL'] }],
  keys: [['sym']],
  references: [],
  tenantColumn: 'tenant',
  timeColumn: 'ts',
};

/** A store that answers what it is told to. */
function storeOf(
  target: QueryStore['target'],
  describeTables: (tenant: TenantScope) => CatalogTable[],
): QueryStore {
  return {
    target,
    dialect: target === 'questdb' ? 'questdb' : 'cypher',
    describe: async (tenant) => describeTables(tenant),
    query: async () => ({ columns: [], rows: [], truncated: false }),
    ping: async () => {},
    close: async () => {},
  };
}

let api: ApiFixture;
let asked: TenantScope[];
beforeAll(async () => {
  asked = [];
  const questdb = storeOf('questdb', (tenant) => {
    asked.push(tenant);
    return [TICKS];
  });
  const falkordb = storeOf('falkordb', () => {
    throw new UnavailableError('foundry.store_unavailable', 'down');
  });
  api = await createApiFixture({}, () => ({ stores: [questdb, falkordb] }));
});
afterAll(() => api.close());

const schema = (options: Parameters<ApiFixture['call']>[2] = {}, query = '') =>
  api.call('GET', `/v1/foundry/schema${query}`, options);

describe('GET /v1/foundry/schema', () => {
  test('answers every configured store in the documented shape, one that is down as not available', async () => {
    const { status, body } = await schema();
    expect(status).toBe(200);
    expect(body).toEqual({
      sources: [
        {
          target: 'questdb',
          dialect: 'questdb',
          available: true,
          tables: [
            {
              name: 'ticks',
              kind: 'table',
              description: 'Every tick',
              row_count: null,
              columns: [
                { name: 'sym', type: 'SYMBOL', nullable: true, description: null, samples: ['AAPL'] },
              ],
              keys: [['sym']],
              references: [],
              tenant_column: 'tenant',
              time_column: 'ts',
            },
          ],
        },
        { target: 'falkordb', dialect: 'cypher', available: false, tables: [] },
      ],
    });
  });

  test('answers what ivory guard takes as a catalog', async () => {
    const { body } = await schema();
    expect(parseCatalogJson(body).sources[0]?.tables).toEqual([TICKS]);
  });

  test('asks the stores about the namespaces of active catalogs only', async () => {
    await schema({ tenant: 'rival' });
    await schema({ tenant: 'nobody' });
    expect(asked).toContainEqual({ tenantId: 'rival', namespaces: ['ivory_tenant_rival'] });
    expect(asked).toContainEqual({ tenantId: 'nobody', namespaces: [] });
  });

  test('answers one store when it is asked for one', async () => {
    const { body } = await schema({}, '?source=falkordb');
    expect(body.sources.map(({ target }: { target: string }) => target)).toEqual(['falkordb']);
  });

  test('refuses a store it does not know, and what is no parameter', async () => {
    expect((await schema({}, '?source=oracle')).status).toBe(422);
    expect((await schema({}, '?sources=iomete')).status).toBe(422);
  });

  test('wants a token; one to read is enough', async () => {
    expect((await schema({ token: null })).status).toBe(401);
    expect((await schema({ scope: 'read' })).status).toBe(200);
  });
});
