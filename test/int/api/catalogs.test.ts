import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ctx, contextFor } from '../../../src/context.ts';
import { AppError } from '../../../src/errors.ts';
import { addCatalog } from '../../../src/services/catalogs/add.ts';
import { disableCatalog } from '../../../src/services/catalogs/disable.ts';
import { ensureCatalog } from '../../../src/services/catalogs/ensure.ts';
import { listCatalogs } from '../../../src/services/catalogs/list.ts';
import { type ApiFixture, createApiFixture } from './fixture.ts';

let api: ApiFixture;
beforeAll(async () => {
  api = await createApiFixture();
});
afterAll(() => api.close());

const as = (tenantId: string): Ctx => contextFor(api.deps, { tenantId, actor: 'cli' });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );

describe('catalogs', () => {
  test('adding one provisions its namespace, named after the tenant; adding it again changes nothing', async () => {
    const first = await addCatalog(as('Big.Corp'), { catalogName: 'lake' });
    expect(first).toMatchObject({ namespace: 'ivory_tenant_big_corp', active: true });
    expect(await addCatalog(as('Big.Corp'), { catalogName: 'lake' })).toEqual(first);
    const found = await api.deps.database.db.execute(
      sql`select 1 from pg_namespace where nspname = 'ivory_tenant_big_corp'`,
    );
    expect(found.rows).toHaveLength(1);
  });

  test("another tenant's namespace is refused, by its own name and by chance", async () => {
    expect(await codeOf(addCatalog(as('rival'), { catalogName: 'x', namespace: 'ivory_tenant_acme' }))).toBe(
      'catalog.namespace_taken',
    );
    await addCatalog(as('two-words'), { catalogName: 'lake' });
    expect(await codeOf(addCatalog(as('two.words'), { catalogName: 'lake' }))).toBe(
      'catalog.namespace_taken',
    );
    expect(await codeOf(addCatalog(as('two.words'), { catalogName: 'lake', namespace: 'two_words' }))).toBe(
      'done',
    );
  });

  test.each([
    'public',
    'etl',
    'audit',
    'lakehouse',
    'pg_catalog',
    'information_schema',
    'etl_staging_x',
    'Upper',
    'a-b',
    '1a',
    '',
    'x"; drop',
  ])('the namespace "%s" is refused', async (namespace) => {
    expect(await codeOf(addCatalog(as('acme'), { catalogName: 'other', namespace }))).toBe(
      'catalog.namespace_invalid',
    );
  });

  test('a name stands for one namespace', async () => {
    expect(
      await codeOf(addCatalog(as('acme'), { catalogName: 'ivory-lakehouse', namespace: 'acme_two' })),
    ).toBe('catalog.exists');
  });

  test('a disabled one is listed as such, stays so when ensured, and is active again when added', async () => {
    const ctx = as('switcher');
    await addCatalog(ctx, { catalogName: 'lake' });
    await disableCatalog(ctx, { catalogName: 'lake' });
    expect((await listCatalogs(ctx)).map(({ active }) => active)).toEqual([false]);
    expect((await ensureCatalog(ctx, { catalogName: 'lake' })).active).toBe(false);
    expect((await addCatalog(ctx, { catalogName: 'lake' })).active).toBe(true);
    expect(await codeOf(disableCatalog(ctx, { catalogName: 'nowhere' }))).toBe('catalog.unknown');
  });

  test('a long tenant gets a namespace that fits, and not that of its neighbour', async () => {
    const [one, two] = [`${'t'.repeat(100)}1`, `${'t'.repeat(100)}2`];
    const namespaces = [
      (await addCatalog(as(one), { catalogName: 'lake' })).namespace,
      (await addCatalog(as(two), { catalogName: 'lake' })).namespace,
    ];
    expect(namespaces.map((name) => name.length)).toEqual([63, 63]);
    expect(new Set(namespaces).size).toBe(2);
  });
});
