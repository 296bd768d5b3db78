import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFalkordbStore } from '../../src/adapters/falkordb/falkordb.ts';
import { createLakehouseStore } from '../../src/adapters/foundry/lakehouse-store.ts';
import { createQuestdbStore } from '../../src/adapters/questdb/questdb.ts';
import { contextFor } from '../../src/context.ts';
import { askQuestion } from '../../src/services/foundry/ask-question.ts';
import { FOUNDRY_PARTS } from '../../src/services/foundry/parts.ts';
import { falkordbIsInstalled, startFalkordb } from '../harness/falkordb-server.ts';
import { questdbIsInstalled, startQuestdb } from '../harness/questdb-server.ts';
import { until } from '../harness/until.ts';
import { type ApiFixture, createApiFixture } from '../int/api/fixture.ts';

const TENANTS = { acme: 3, rival: 2 } as const;

/** Questions through the API to the lakehouse, QuestDB and FalkorDB at once, each with tables of the same names for two tenants. */
describe.skipIf(!questdbIsInstalled() || !falkordbIsInstalled())('Foundry over all its stores', () => {
  const closers: (() => Promise<unknown>)[] = [];
  let api: ApiFixture;
  let questdb: Awaited<ReturnType<typeof startQuestdb>>;

  beforeAll(async () => {
    questdb = await startQuestdb();
    const graph = await startFalkordb();
    const stores = [
      createQuestdbStore({ url: questdb.url, declared: [] }),
      createFalkordbStore({ url: graph.url, declared: [], key: Buffer.alloc(32, 3) }),
    ];
    api = await createApiFixture({}, ({ lakehouse }) => ({
      stores: [createLakehouseStore(lakehouse), ...stores],
    }));
    closers.push(
      ...stores.map((store) => () => store.close()),
      () => graph.stop(),
      () => questdb.stop(),
    );
    for (const [tenant, count] of Object.entries(TENANTS)) {
      const namespace = `ivory_tenant_${tenant}`;
      await api.deps.lakehouse.provision(tenant, namespace);
      await api.deps.database.pool.query(
        `create table ${namespace}.invoices as select n as id, '${tenant} ' || n as customer, 10.5 * n as amount from generate_series(1, ${count}) n`,
      );
      await questdb.admin(
        `CREATE TABLE '${namespace}.trades' (ts TIMESTAMP, symbol SYMBOL, price DOUBLE) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
      );
      await questdb.admin(
        `INSERT INTO '${namespace}.trades' SELECT timestamp_sequence('2024-01-01', 86400000000L), '${tenant}', x * 1.0 FROM long_sequence(${count})`,
      );
      const airports = Array.from({ length: count }, (_, n) => `(:Airport {name: '${tenant} ${n}'})`);
      await graph.admin.call('GRAPH.QUERY', namespace, `CREATE ${airports.join(', ')}`);
    }
  });

  afterAll(async () => {
    await api?.close();
    for (const close of closers) await close();
  });

  async function ask(question: string, tenant: string) {
    const { status, body } = await api.call('POST', '/v1/foundry/query', { tenant, body: { question } });
    expect(status).toBe(200);
    return body;
  }

  test.each([
    ['iomete', 'How many invoices are there?'],
    ['questdb', 'How many trades are there?'],
    ['falkordb', 'How many airports are there?'],
  ])('%s: each tenant counts its own, asked at once', async (target, question) => {
    const all = Array.from({ length: 4 }, () => Object.entries(TENANTS)).flat();
    const bodies = await Promise.all(all.map(([tenant]) => ask(question, tenant)));
    for (const [n, body] of bodies.entries()) {
      const [tenant = '', count] = all[n] ?? [];
      expect(body).toMatchObject({ error: null, result: [[count]], plan: { target, planner: 'built-in' } });
      const other = Object.keys(TENANTS).find((name) => name !== tenant);
      expect(JSON.stringify(body)).not.toContain(`ivory_tenant_${other}`);
    }
  });

  test('rows come from the store that has them, as JSON', async () => {
    expect(await ask('average price of trades', 'acme')).toMatchObject({ result: [[2]], error: null });
    expect(await ask('total amount of invoices', 'acme')).toMatchObject({ result: [[63]], error: null });
    const airports = await ask('show the names of airports', 'rival');
    expect(airports.result.flat().sort()).toEqual(['rival 0', 'rival 1']);
  });

  test('a question given up ends on QuestDB too, whatever the guard let through', async () => {
    // of a cross join the server looks between rows of its left side whether it shall stop
    const query = `SELECT count() FROM (SELECT a.x FROM long_sequence(1000000000000) a CROSS JOIN 'ivory_tenant_acme.trades' b WHERE a.x + b.price = -5)`;
    const parts = {
      ...FOUNDRY_PARTS,
      guardFor: () => async () => ({ allowed: true as const, query, limited: false }),
    };
    const gone = new AbortController();
    const ctx = contextFor(api.deps, { tenantId: 'acme', actor: 'user:acme' });
    const input = { question: 'How many trades are there?', context: [], sources: [] };
    const asking = askQuestion(ctx, input, gone.signal, parts);
    const ended = expect(asking).rejects.toMatchObject({ code: 'foundry.cancelled' });
    const works = async () => JSON.stringify(await questdb.activity()).includes('-5');
    await until('the query runs', works, 60_000);
    gone.abort();
    await ended;
    await until('the query is gone', async () => !(await works()), 120_000);
  });
});
