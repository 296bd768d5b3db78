import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import { loadBatches, runnerJobs, tableCare } from '../../../src/db/schema/index.ts';
import { UnavailableError } from '../../../src/errors.ts';
import type { CareRequest, Lakehouse } from '../../../src/ports/lakehouse.ts';
import { careForTables } from '../../../src/services/maintenance/care-for-tables.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

const NAMESPACE = 'ivory_tenant_acme';
const DAY_MS = 86_400_000;
const always = new AbortController().signal;

let deps: TestDeps;
let asked: CareRequest[];
/** What the lakehouse does when it is asked; it says that it did something unless a test changes it. */
let answer: (request: CareRequest) => Promise<Record<string, number> | null>;

beforeEach(async () => {
  asked = [];
  answer = async () => ({ done: 1 });
  const care = (request: CareRequest) => {
    asked.push(request);
    return answer(request);
  };
  deps = await createTestDeps({ lakehouse: { ...nowhere(), care } });
});
afterEach(() => deps.close());

const tables = () => asked.map(({ table }) => table);
const rowOf = async (table: string) =>
  (
    await deps.database.db
      .select()
      .from(tableCare)
      .where(eq(tableCare.table, `${NAMESPACE}.${table}`))
  )[0];
/** As if so much time had gone by. */
const later = (ms: number) =>
  deps.database.sql`update etl.table_care set next_at = next_at - ${`${ms} ms`}::interval,
    cared_at = cared_at - ${`${ms} ms`}::interval, lease_until = lease_until - ${`${ms} ms`}::interval`;

/** A lakehouse nobody can reach: what it is asked besides care would fail. */
function nowhere(): Lakehouse {
  return createPostgresLakehouse({ url: 'postgres://nobody:x@127.0.0.1:1/none' });
}

interface Batch {
  state?: 'staged' | 'committed';
  status?: 'loading' | 'completed';
  agoMs?: number;
}

/** A run that has a batch for the table. */
async function loaded(table: string, { state = 'committed', status = 'completed', agoMs = 0 }: Batch = {}) {
  const connector = await insertConnector(deps);
  const at = new Date(Date.now() - agoMs);
  const runId = randomUUID();
  const { db } = deps.database;
  await db.insert(runnerJobs).values({
    ...{ id: runId, tenantId: 'acme', connectorId: connector.id, status },
    ...{ trigger: 'schedule', scheduledFor: at, createdAt: at },
  });
  await db.insert(loadBatches).values({
    ...{ batchId: randomUUID(), tenantId: 'acme', runId, stream: 's', state, updatedAt: at },
    table: `${NAMESPACE}.${table}`,
  });
}

test('a table is cared for when it was loaded, and not again before its time', async () => {
  await loaded('deals');
  await loaded('deals');
  await loaded('with.dot', { agoMs: 5 });
  await loaded('never_committed', { state: 'staged' });
  expect(await careForTables(deps, always)).toBe(2);
  expect(tables().sort()).toEqual(['deals', 'with.dot']);
  expect(asked[0]).toMatchObject({ tenantId: 'acme', namespace: NAMESPACE, keepLast: 100 });
  await loaded('deals');
  expect(await careForTables(deps, always)).toBe(0);
  await later(DAY_MS);
  expect(await careForTables(deps, always)).toBe(2);
});

test('a table that is loaded no more is cared for until its past is short, and then left alone', async () => {
  await loaded('deals');
  let cares = 0;
  for (let day = 0; day < 30; day++) {
    cares += await careForTables(deps, always);
    await deps.database.sql`update etl.table_care set loaded_at = loaded_at - interval '1 day'`;
    await deps.database.sql`update etl.load_batches set updated_at = updated_at - interval '1 day'`;
    await later(DAY_MS);
  }
  // once a day for the fourteen that snapshots stay, and once after
  expect(cares).toBe(15);
});

test('nothing is forgotten that an unfinished run may yet look for', async () => {
  await loaded('deals', { agoMs: 20 * DAY_MS });
  await loaded('deals', { state: 'staged', status: 'completed', agoMs: 40 * DAY_MS });
  await careForTables(deps, always);
  expect(daysAgo(asked[0]?.keepAfter)).toBeCloseTo(14, 1);
  await loaded('deals', { state: 'staged', status: 'loading', agoMs: 30 * DAY_MS });
  await loaded('deals', { state: 'staged', status: 'loading', agoMs: 2 * DAY_MS });
  await later(DAY_MS);
  await deps.database.sql`update etl.table_care set loaded_at = now()`;
  await careForTables(deps, always);
  expect(daysAgo(asked[1]?.keepAfter)).toBeCloseTo(30, 1);
});

function daysAgo(moment: Date | undefined): number {
  return (Date.now() - (moment?.getTime() ?? 0)) / DAY_MS;
}

test('two workers at once never care for the same table, and leave none out', async () => {
  for (let n = 0; n < 12; n++) await loaded(`table_${n}`);
  const underWay = new Set<string>();
  answer = async ({ table }) => {
    expect(underWay).not.toContain(table);
    underWay.add(table);
    await deps.database.sql`select 1`;
    underWay.delete(table);
    return {};
  };
  const counts = await Promise.all([1, 2, 3].map(() => careForTables(deps, always)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(12);
  expect(new Set(tables()).size).toBe(12);
});

test('a table whose worker died is another one’s when the lease has run out', async () => {
  await loaded('deals');
  await careForTables(deps, always);
  await deps.database
    .sql`update etl.table_care set next_at = now(), lease_until = now() + interval '65 minutes'`;
  expect(await careForTables(deps, always)).toBe(0);
  await later(66 * 60_000);
  expect(await careForTables(deps, always)).toBe(1);
});

test('a failure is kept, told and tried again later and later; the other tables have their turn', async () => {
  await loaded('broken', { agoMs: 1_000 });
  await loaded('fine');
  answer = async ({ table }) => {
    if (table === 'broken') throw new UnavailableError('lakehouse.unavailable', 'It is in trouble.');
    return {};
  };
  expect(await careForTables(deps, always)).toBe(1);
  expect(await rowOf('broken')).toMatchObject({
    failures: 1,
    lastError: 'It is in trouble.',
    leaseUntil: null,
  });
  await later(31 * 60_000);
  expect([await careForTables(deps, always), tables().filter((table) => table === 'broken').length]).toEqual([
    0, 2,
  ]);
  await later(31 * 60_000);
  await careForTables(deps, always);
  expect(tables().filter((table) => table === 'broken')).toHaveLength(2);
  answer = async () => ({});
  await later(60 * 60_000);
  await careForTables(deps, always);
  expect(await rowOf('broken')).toMatchObject({ failures: 0, lastError: null });
});

test('a worker that is stopped gives the table back, and that is no failure', async () => {
  await loaded('deals');
  const stop = new AbortController();
  answer = async ({ signal }) => {
    stop.abort();
    signal.throwIfAborted();
    return {};
  };
  expect(await careForTables(deps, stop.signal)).toBe(0);
  expect(await rowOf('deals')).toMatchObject({ failures: 0, leaseUntil: null, caredAt: null });
  answer = async () => ({});
  expect(await careForTables(deps, always)).toBe(1);
});

test('a table that is gone is forgotten', async () => {
  await loaded('deals', { agoMs: 3 * DAY_MS });
  await loaded('other');
  answer = async ({ table }) => (table === 'deals' ? null : {});
  await careForTables(deps, always);
  expect(await rowOf('deals')).toBeUndefined();
  await later(DAY_MS);
  await careForTables(deps, always);
  expect(tables().filter((table) => table === 'deals')).toHaveLength(1);
});

test('a tick takes so many tables and leaves the rest to the next', async () => {
  for (let n = 0; n < 25; n++) await loaded(`table_${n}`);
  expect([await careForTables(deps, always), await careForTables(deps, always)]).toEqual([20, 5]);
});

test('it can be turned off, and a lakehouse that needs none is asked for none', async () => {
  await loaded('deals');
  const off = {
    ...deps,
    settings: { ...deps.settings, tableCare: { ...deps.settings.tableCare, everyMs: 0 } },
  };
  expect(await careForTables(off, always)).toBe(0);
  const { care: _, ...without } = nowhere();
  expect(await careForTables({ ...deps, lakehouse: without }, always)).toBe(0);
  expect(asked).toEqual([]);
});

test('in Postgres: old commits are forgotten, but for the last hundred and what is asked to stay', async () => {
  const lakehouse: Lakehouse = createPostgresLakehouse({ url: deps.databaseUrl });
  await lakehouse.provision('acme', NAMESPACE);
  await deps.database.sql.unsafe(`create table ${NAMESPACE}.deals (id bigint)`);
  const ids = Array.from({ length: 150 }, () => randomUUID());
  // the first is the oldest, of 149 hours and 30 days ago
  for (const [n, id] of ids.entries())
    await deps.database.sql`insert into ivory_meta.commits values
      (${NAMESPACE}, 'deals', ${id}, 1, now() - interval '30 days' - make_interval(hours => ${149 - n})),
      (${NAMESPACE}, 'another', ${id}, 1, now() - interval '90 days')`;
  const ask = (keepDays: number, keepLast: number) =>
    lakehouse.care?.({
      ...{ tenantId: 'acme', namespace: NAMESPACE, table: 'deals', keepLast, signal: always },
      keepAfter: new Date(Date.now() - keepDays * DAY_MS),
    });
  expect(await ask(60, 1)).toMatchObject({ 'commits forgotten': 0 });
  expect(await ask(14, 120)).toMatchObject({ 'commits forgotten': 30 });
  // fewer than a hundred, younger than fourteen days: not even when asked
  expect(await ask(0, 1)).toMatchObject({ 'commits forgotten': 20 });
  const found = await Promise.all(ids.map((id) => lakehouse.findCommit(NAMESPACE, 'deals', id)));
  expect(found.map((commit) => commit !== null)).toEqual(ids.map((_, n) => n >= 50));
  expect(await lakehouse.findCommit(NAMESPACE, 'another', ids[0] ?? '')).not.toBeNull();
  await lakehouse.close();
});
