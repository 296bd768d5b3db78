import { expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { createTestDatabase } from '../../harness/database.ts';
import { type LakehouseUnderTest, lakehouseContract, NAMESPACE, TENANT } from './contract.ts';
import { startCuttingProxy } from './cutting-proxy.ts';

lakehouseContract('postgres', postgresUnderTest);

test('a schema that is not a namespace is never taken for one', async () => {
  const { lakehouse, close } = await postgresUnderTest();
  await lakehouse.provision(TENANT, NAMESPACE);
  for (const schema of ['etl', 'ivory_meta', 'public', 'pg_catalog', 'pg_mine', 'information_schema']) {
    await expect(lakehouse.provision(TENANT, schema), schema).rejects.toMatchObject({
      code: 'lakehouse.namespace_taken',
    });
  }
  await close();
});

test('a server that cannot be reached is unavailable, not a refusal', async () => {
  const lakehouse = createPostgresLakehouse({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
  await expect(lakehouse.ping(AbortSignal.timeout(5_000))).rejects.toMatchObject({
    code: 'lakehouse.unavailable',
  });
  await lakehouse.close();
});

test('closing with a batch open releases it', async () => {
  const { lakehouse, close } = await postgresUnderTest();
  await lakehouse.provision(TENANT, NAMESPACE);
  const spec = {
    tenantId: TENANT,
    batchId: crypto.randomUUID(),
    namespace: NAMESPACE,
    table: 't',
    columns: [{ name: 'id', type: { kind: 'long' } as const }],
    keys: [],
    mode: 'append' as const,
  };
  await lakehouse.ensureTable(spec);
  const batch = await lakehouse.openBatch(spec);
  await lakehouse.close();
  await expect(batch.commit()).rejects.toMatchObject({ code: 'lakehouse.unavailable' });
  await close();
});

async function postgresUnderTest(): Promise<LakehouseUnderTest> {
  const { url, database, close } = await createTestDatabase();
  const { hostname, port } = new URL(url);
  const proxy = await startCuttingProxy({ host: hostname, port: Number(port) });
  const throughProxy = new URL(url);
  throughProxy.hostname = '127.0.0.1';
  throughProxy.port = String(proxy.port);
  const lakehouse = createPostgresLakehouse({ url });
  const proxied = createPostgresLakehouse({ url: throughProxy.href });
  return {
    lakehouse,
    proxied,
    proxy,
    commitRequest: /^Q.{4}commit.$/s,
    unheardCommit: 'committed',
    trials: 40,
    quote: (name) => `"${name.replaceAll('"', '""')}"`,
    tooLong: 'ü'.repeat(32),
    slowQuery: 'select count(*) from generate_series(1, 100000000) a, generate_series(1, 100000000) b',
    async killSessions() {
      await database.sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity
        where datname = current_database() and application_name like 'ivory %' and pid <> pg_backend_pid()`;
    },
    forbiddenRelations: [
      'etl.meltano_connectors',
      'audit.events',
      'lakehouse.namespaces',
      'ivory_meta.namespaces',
      'pg_authid',
    ],
    forbiddenStatements: [
      "insert into guarded values (2, 'x')",
      "update guarded set name = 'x'",
      'delete from guarded',
      'drop table guarded',
      'create temp table mine (id int)',
      'select 1; delete from guarded',
      'select * into stolen from guarded',
      'with gone as (delete from guarded returning *) select * from gone',
      'select * from guarded for update',
      "select 1; commit; reset role; insert into guarded values (3, 'x')",
      "copy guarded to program 'id'",
      'do $$ begin delete from guarded; end $$',
      "select set_config('role', 'none', false), query_to_xml('select * from etl.meltano_connectors', true, true, '')",
      `select set_config('session_authorization', '${decodeURIComponent(new URL(url).username)}', false)`,
      "select pg_read_file('/etc/passwd')",
      "select lo_from_bytea(0, 'x')",
      'explain analyze delete from guarded',
    ],
    async close() {
      await Promise.all([lakehouse.close(), proxied.close()]);
      await proxy.close();
      await close();
    },
  };
}
