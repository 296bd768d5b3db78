import { expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { tableCare } from '../../../src/db/schema/index.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { startPools } from '../../../src/workers/start.ts';
import { createTestDeps } from '../../harness/context.ts';
import { until } from '../../harness/until.ts';

test('the transform pool cares for tables by the clock', async () => {
  const deps = await createTestDeps();
  deps.lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
  await deps.lakehouse.provision('acme', 'ivory_tenant_acme');
  await deps.database.sql`create table ivory_tenant_acme.deals (id bigint)`;
  await deps.database.db
    .insert(tableCare)
    .values({ tenantId: 'acme', table: 'ivory_tenant_acme.deals', loadedAt: new Date() });
  const store = await openQueueStore({ databaseUrl: deps.databaseUrl });
  const pools = await startPools({ ...deps, producer: store.producer() }, store, ['scheduler', 'transform']);
  const cared = async () => (await deps.database.db.select().from(tableCare))[0]?.caredAt ?? null;
  try {
    await until('the table was cared for', async () => (await cared()) !== null, 60_000);
    expect(await cared()).toBeInstanceOf(Date);
  } finally {
    await pools.close();
    await store.close();
    await deps.lakehouse.close();
    await deps.close();
  }
}, 90_000);
