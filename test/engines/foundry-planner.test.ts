import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFalkordbStore } from '../../src/adapters/falkordb/falkordb.ts';
import { createQuestdbStore } from '../../src/adapters/questdb/questdb.ts';
import type { Catalog } from '../../src/domain/foundry/catalog.ts';
import { guardFor } from '../../src/foundry/guard/guard-for.ts';
import { planQuestion } from '../../src/foundry/planner/plan.ts';
import type { QueryStore, StoreLimits, TenantScope } from '../../src/ports/query-store.ts';
import { type FalkordbServer, falkordbIsInstalled, startFalkordb } from '../harness/falkordb-server.ts';
import { type QuestdbServer, questdbIsInstalled, startQuestdb } from '../harness/questdb-server.ts';

const ACME: TenantScope = { tenantId: 'acme', namespaces: ['ivory_tenant_acme'] };
const LIMITS: StoreLimits = { maxRows: 1_000, maxBytes: 1_000_000, timeoutMs: 60_000 };
const NEVER = new AbortController().signal;
const NOW = new Date('2024-01-10T00:00:00Z');

/** The whole way of a question: the store's own catalog, the plan, the guard, the store. */
async function answer(store: QueryStore, question: string): Promise<unknown[][]> {
  const tables = await store.describe(ACME, NEVER);
  const { target, dialect } = store;
  const catalog: Catalog = { sources: [{ target, dialect, available: true, tables }] };
  const planned = planQuestion({ question, context: [], catalog, sources: [], now: NOW });
  if (planned.kind !== 'plan') throw new Error(JSON.stringify(planned));
  const verdict = await guardFor(dialect)({
    tenantId: 'acme',
    query: planned.plan.query,
    tables,
    maxRows: 1_000,
  });
  if (!verdict.allowed) throw new Error(`${verdict.reason}: ${planned.plan.query}`);
  const { rows } = await store.query(ACME, verdict.query, LIMITS, NEVER);
  return rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : value)));
}

describe.skipIf(!questdbIsInstalled())('the built-in planner on QuestDB', () => {
  let server: QuestdbServer;
  let store: QueryStore;
  beforeAll(async () => {
    server = await startQuestdb();
    await server.admin(
      `CREATE TABLE 'ivory_tenant_acme.trades' (ts TIMESTAMP, symbol SYMBOL, price DOUBLE, qty LONG) TIMESTAMP(ts) PARTITION BY DAY BYPASS WAL`,
    );
    await server.admin(
      `INSERT INTO 'ivory_tenant_acme.trades' SELECT timestamp_sequence('2024-01-01', 3600000000L), CASE WHEN x % 2 = 0 THEN 'AAPL' ELSE 'MSFT' END, x * 1.0, x FROM long_sequence(100)`,
    );
    store = createQuestdbStore({ url: server.url, declared: [] });
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test.each([
    ['How many trades are there?', [[100]]],
    ['average price of AAPL', [[51]]],
    [
      'latest price of each symbol',
      [
        ['AAPL', 100],
        ['MSFT', 99],
      ],
    ],
    ['number of trades per day', [24, 24, 24, 24, 4]],
    [
      'total qty by symbol',
      [
        ['AAPL', 2_550],
        ['MSFT', 2_500],
      ],
    ],
    [
      'symbols with more than 10 trades',
      [
        ['AAPL', 50],
        ['MSFT', 50],
      ],
    ],
    ['how many symbols have more than 10 trades', [[2]]],
    ['number of trades per month', [100]],
    ['number of trades on 2024-01-02', [[24]]],
    ['trades per day for AAPL since 2024-01-04', [12, 2]],
    ['what percentage of trades have a price above 50?', [[50]]],
    ['highest price per year', [['2024', 100]]],
  ])('%s', async (question, wanted) => {
    const rows = await answer(store, question);
    const shown = rows.map((row) =>
      typeof wanted[0] === 'number'
        ? row.at(-1)
        : row.slice(0, 2).map((value) => (typeof value === 'number' && value === 2024 ? '2024' : value)),
    );
    expect(shown).toEqual(wanted);
  });
});

describe.skipIf(!falkordbIsInstalled())('the built-in planner on FalkorDB', () => {
  let server: FalkordbServer;
  let store: QueryStore;
  beforeAll(async () => {
    server = await startFalkordb();
    await server.admin.call(
      'GRAPH.QUERY',
      'ivory_tenant_acme',
      `CREATE (a:Airport {iata: 'ATL', name: 'Atlanta', state: 'GA'}), (b:Airport {iata: 'DFW', name: 'Dallas', state: 'TX'}), (c:Airport {iata: 'ORD', name: 'Chicago', state: 'IL'}),
        (a)-[:ROUTE {flights: 10}]->(b), (a)-[:ROUTE {flights: 5}]->(c), (b)-[:ROUTE {flights: 7}]->(c)`,
    );
    store = createFalkordbStore({ url: server.url, declared: [], key: Buffer.alloc(32, 3) });
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test.each([
    ['How many airports are there?', [[3]]],
    ['How many airports are in the state TX?', [[1]]],
    ['Which airport has the most routes?', [['Atlanta', 2]]],
    ['Which airports can be reached from DFW?', [['Chicago']]],
    ['neighbours of ATL', [['Chicago'], ['Dallas']]],
    ['total flights of routes from ATL', [[15]]],
    ['which airports can be reached from ATL within 2 steps?', [['Chicago'], ['Dallas']]],
    ['shortest path between DFW and ORD', [[['DFW', 'ORD'], 1]]],
    ['airports with more than 1 route', [['Atlanta', 2]]],
    ['what percentage of routes have more than 6 flights?', [[(100 * 2) / 3]]],
  ])('%s', async (question, wanted) => {
    const rows = await answer(store, question);
    const rounded = rows.map((row) =>
      row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
    );
    expect(rounded).toEqual(
      wanted.map((row) =>
        row.map((value) => (typeof value === 'number' ? Number(value.toPrecision(9)) : value)),
      ),
    );
  });
});
