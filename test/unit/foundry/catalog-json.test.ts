import { describe, expect, it } from 'vitest';
import { catalogJson, parseCatalogJson } from '../../../src/foundry/catalog-json.ts';

const DEALS = {
  name: 'ivory_tenant_acme.deals',
  kind: 'table' as const,
  description: 'Deals',
  row_count: 3,
  columns: [{ name: 'stage', type: 'string', nullable: true, description: null, samples: ['OPEN', 'WON'] }],
  keys: [['id']],
  references: [{ columns: ['owner_id'], table: 'ivory_tenant_acme.owners', to: ['id'] }],
  tenant_column: 'tenant_id',
  time_column: 'closed_at',
};

describe('the JSON form of a catalog', () => {
  it('comes back as it went', () => {
    const json = {
      sources: [
        { target: 'iomete' as const, dialect: 'spark' as const, available: true, tables: [DEALS] },
        { target: 'questdb' as const, dialect: 'questdb' as const, available: false, tables: [] },
      ],
    };
    expect(catalogJson(parseCatalogJson(json))).toEqual(json);
  });

  it('needs no more than names', () => {
    const { sources } = parseCatalogJson({
      sources: [{ target: 'iomete', dialect: 'postgres', tables: [{ name: 't', columns: [{ name: 'c' }] }] }],
    });
    expect(sources[0]).toMatchObject({
      available: true,
      tables: [{ name: 't', kind: 'table', tenantColumn: null, columns: [{ name: 'c', samples: [] }] }],
    });
  });

  it('is refused with the path of each fault', () => {
    expect(() =>
      parseCatalogJson({ sources: [{ target: 'oracle', dialect: 'spark', tables: [{}] }] }),
    ).toThrow(/sources\.0\.target[\s\S]*sources\.0\.tables\.0\.name/);
  });
});
