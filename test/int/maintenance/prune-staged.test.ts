import { and, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { adoptStagedTable } from '../../../src/db/queries/staging.ts';
import { connectorRetention, fieldMappings } from '../../../src/db/schema/index.ts';
import { removeConnector } from '../../../src/services/connectors/remove.ts';
import { prune } from '../../../src/services/maintenance/prune.ts';
import { listRejectedRows } from '../../../src/services/rejected-rows/list.ts';
import { replayRejectedRows } from '../../../src/services/rejected-rows/replay.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { historyOf } from '../../harness/connectors.ts';
import { createStaged, startRun } from '../load/fixtures.ts';
import { FIELDS, useLoading } from '../load/loading.ts';
import { age, DAY_MS } from './past.ts';

const it = useLoading();
const NOW = new Date();
const ago = (days: number, moreMs = 0) => new Date(NOW.getTime() - days * DAY_MS - moreMs);
const sql = (text: string) => it.deps.database.sql.unsafe(text);

/** Looks through the connector's staging, as on another day. */
async function pruned(signal?: AbortSignal): Promise<number> {
  const { db, sql: own } = it.deps.database;
  await db.insert(connectorRetention).values({ connectorId: it.connector.id }).onConflictDoNothing();
  await own`update etl.connector_retention
    set next_at = now() + case when connector_id = ${it.connector.id} then interval '-1 second' else interval '1 year' end`;
  const limits = { tickMs: 60_000, pauseMs: 0 };
  return (await prune({ ...it.deps, now: () => NOW }, signal, limits)).stagedRows ?? 0;
}

/** A run that stages these rows and loads them, and ended so long ago. */
async function loaded(stage: (loadId: number) => Promise<unknown>, endedAt: Date): Promise<string> {
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await stage(loadId);
  const signal = new AbortController().signal;
  await loadRun(it.deps, { runId, workerId: 'w', signal, lastAttempt: true });
  const last = (await historyOf(it.deps, it.connector.id)).at(-1);
  expect(last).toMatchObject({ id: runId, status: 'completed' });
  expect(last?.rowsLoaded).toBe(
    (last?.tables ?? []).reduce((sum, { read, rejected }) => sum + read - rejected, 0),
  );
  await age(it.deps, runId, endedAt);
  return runId;
}

async function deals(table: { fields: string; key?: string } = FIELDS): Promise<string> {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', table);
  await sql(`comment on table ${at} is 'Singer stream deals'; create index on ${at} (_ivory_load_id)`);
  return at;
}

const idsIn = async (at: string) =>
  (await sql(`select id::int as id from ${at} order by id, _ivory_load_id`)).map(({ id }) => Number(id));

const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n);

test('rows go a moment after their time, those of the newest load stay, and a later load changes what is gone', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 4, loadId), ago(30, 1));
  await loaded((loadId) => it.stage(at, 5, 9, loadId), ago(30));
  await loaded((loadId) => it.stage(at, 11, 13, loadId), ago(0));
  expect(await pruned()).toBe(4);
  expect(await idsIn(at)).toEqual([...upTo(5, 9), ...upTo(11, 13)]);
  expect(await pruned()).toBe(0);
  await loaded(async (loadId) => {
    await it.stage(at, 2, 2, loadId);
    await sql(`update ${at} set name = 'changed' where id = 2`);
  }, ago(0));
  expect(await it.lakeRows(it.destination, 'id, name')).toHaveLength(12);
  expect(await it.lakeRows(it.destination, 'id, name')).toContainEqual([2n, 'changed']);
});

test('the only load of a table stays, however old: a mapping is proposed on its values', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 4, loadId), ago(300));
  expect(await pruned()).toBe(0);
  expect(await idsIn(at)).toHaveLength(4);
});

test('where a tap gives versions, rows that are there stay: a later version deletes them from the lakehouse', async () => {
  const at = await deals();
  const version = (loadId: number, from: number, to: number, of: number) => async () => {
    await it.stage(at, from, to, loadId);
    await sql(`update ${at} set _sdc_table_version = ${of} where _ivory_load_id = ${loadId};
      update ${at} set _sdc_deleted_at = now(), _ivory_load_id = ${loadId} where _sdc_table_version < ${of} and _sdc_deleted_at is null`);
  };
  await loaded((loadId) => version(loadId, 1, 6, 1)(), ago(90));
  await loaded((loadId) => version(loadId, 4, 9, 2)(), ago(80));
  expect((await it.lakeRows(it.destination, 'id')).map(([id]) => Number(id))).toEqual(upTo(4, 9));
  await loaded((loadId) => it.stage(at, 20, 21, loadId), ago(1));
  expect(await pruned(), 'the deleted ones').toBe(3);
  expect(await idsIn(at)).toEqual([...upTo(4, 9), 20, 21]);
  await loaded((loadId) => version(loadId, 9, 9, 3)(), ago(0));
  expect((await it.lakeRows(it.destination, 'id')).map(([id]) => Number(id))).toEqual([9, 20, 21]);
});

test('rows without keys go once they are loaded, those of a failed run with them', async () => {
  const at = await deals({ fields: FIELDS.fields });
  const add = (from: number, to: number) => (loadId: number) =>
    sql(
      `insert into ${at} (id, name, _ivory_load_id) select n, 'x', ${loadId} from generate_series(${from}, ${to}) n`,
    );
  const failed = await startRun(it.deps, it.connector);
  await add(1, 3)(failed.loadId);
  await it.deps.database.sql`update etl.runner_jobs set status = 'failed' where id = ${failed.runId}`;
  await loaded(add(1, 5), ago(60));
  await loaded(add(6, 7), ago(1));
  expect(await pruned()).toBe(8);
  expect(await idsIn(at)).toEqual([6, 7]);
  expect(await it.lakeRows(it.destination, 'id')).toHaveLength(7);
});

test('what runs since the last good one have staged stays', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 3, loadId), ago(90));
  for (const id of [4, 5]) {
    const { runId, loadId } = await startRun(it.deps, it.connector);
    await it.stage(at, id, id, loadId);
    await sql(
      `update etl.runner_jobs set status = 'failed', finished_at = now() - interval '80 days' where id = '${runId}'`,
    );
  }
  expect(await pruned()).toBe(3);
  expect(await idsIn(at)).toEqual([4, 5]);
});

test('staging stays from the oldest rejected row on, so that a replay finds it; then it goes as well', async () => {
  const at = await deals();
  await it.mapDeals();
  await loaded((loadId) => it.stage(at, 1, 3, loadId), ago(90));
  await loaded((loadId) => it.stage(at, 8, 12, loadId), ago(80));
  await loaded((loadId) => it.stage(at, 13, 15, loadId), ago(70));
  await loaded((loadId) => it.stage(at, 16, 17, loadId), ago(1));
  expect(await pruned()).toBe(3);
  expect(await idsIn(at)).toEqual(upTo(8, 17));
  await it.deps.database.db
    .update(fieldMappings)
    .set({ transformFn: 'float(v)/100 if v.isdigit() else 0.0' })
    .where(and(eq(fieldMappings.connectorId, it.connector.id), eq(fieldMappings.sourceField, 'amount')));
  const { runId } = await replayRejectedRows(it.ctx, { connectorId: it.connector.id });
  await loadRun(it.deps, { runId, workerId: 'w', signal: new AbortController().signal, lastAttempt: true });
  const left = await listRejectedRows(it.ctx, { connectorId: it.connector.id, limit: 10, before: null });
  expect(left.items).toEqual([]);
  expect(await it.lakeRows(it.destination, 'deal_id')).toHaveLength(13);
  await loaded((loadId) => it.stage(at, 18, 18, loadId), ago(0));
  expect(await pruned(), 'all but the replayed, the load of yesterday and that of today').toBe(7);
  expect(await idsIn(at)).toEqual([10, 16, 17, 18]);
});

test("another loader's tables are its own", async () => {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', {
    ...FIELDS,
    loadColumn: false,
  });
  await adoptStagedTable(it.deps.database.sql, { schema: it.connector.stagingSchema, table: 'deals' });
  const add = (from: number) => () => sql(`insert into ${at} (id, name) values (${from}, 'x')`);
  await loaded(add(1), ago(90));
  await loaded(add(2), ago(80));
  expect(await pruned()).toBe(0);
  expect(await idsIn(at)).toEqual([1, 2]);
});

test('rows somebody holds are waited for by nobody, and go another day', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 6, loadId), ago(60));
  await loaded((loadId) => it.stage(at, 7, 7, loadId), ago(0));
  const { sql: db } = it.deps.database;
  await db.begin(async (tx) => {
    await tx.unsafe(`select from ${at} where id <= 2 for update`);
    expect(await pruned()).toBe(4);
  });
  expect(await idsIn(at)).toEqual([1, 2, 7]);
  expect(await pruned()).toBe(2);
});

test('a table that is locked holds up no other, and is left for another day', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 6, loadId), ago(60));
  await loaded((loadId) => it.stage(at, 7, 7, loadId), ago(0));
  const { sql: db } = it.deps.database;
  await db.begin(async (tx) => {
    await tx.unsafe(`lock table ${at} in access exclusive mode`);
    expect(await pruned()).toBe(0);
  });
  expect(await pruned()).toBe(6);
});

test('a pruner that is stopped in the middle leaves the rest to the next', async () => {
  const at = await deals();
  await loaded((loadId) => it.stage(at, 1, 2_500, loadId), ago(60));
  await loaded((loadId) => it.stage(at, 5_000, 5_000, loadId), ago(0));
  const stop = new AbortController();
  const { sql: db } = it.deps.database;
  await db.unsafe(`create function stop_after() returns trigger language plpgsql as $$ begin perform pg_notify('gone', ''); return null; end $$;
    create trigger told after delete on ${at} for each statement execute function stop_after()`);
  const listening = await db.listen('gone', () => stop.abort());
  const first = await pruned(stop.signal);
  await listening.unlisten();
  const [held] = await sql(
    `select next_at <= now() as free from etl.connector_retention where connector_id = '${it.connector.id}'`,
  );
  expect(first).toBeGreaterThanOrEqual(1_000);
  if (first < 2_500) expect(held?.free).toBe(true);
  expect(first + (await pruned())).toBe(2_500);
  expect(await idsIn(at)).toEqual([5_000]);
});

test('two pruners at once, beside runs that load the same tables, lose and leave nothing', async () => {
  const at = await deals();
  for (const from of [1, 1_001, 2_001])
    await loaded((loadId) => it.stage(at, from, from + 999, loadId), ago(60));
  const load = async () => {
    for (const from of [500, 1_500, 2_500])
      await loaded((loadId) => it.stage(at, from, from + 700, loadId), ago(0));
  };
  const [first, second] = await Promise.all([pruned(), pruned(), load()]);
  const again = await pruned();
  const ids = await idsIn(at);
  expect(ids).toEqual([...upTo(500, 1_200), ...upTo(1_500, 2_200), ...upTo(2_500, 3_200)]);
  expect(first + second + again).toBeLessThanOrEqual(3_000);
  expect(await it.lakeRows(it.destination, 'count(*)')).toEqual([[3_200n]]);
});

test('a staging schema that came back after its connector was deleted is dropped; one of no connector Ivory knew is not', async () => {
  const { connector } = it;
  await removeConnector(it.ctx, { connectorId: connector.id });
  await sql(`create schema "${connector.stagingSchema}"; create table "${connector.stagingSchema}".late (id int);
    create schema etl_staging_other_0123abcd`);
  expect(await prune(it.deps)).toMatchObject({ stagingSchemas: 1 });
  const left = await sql(`select nspname as name from pg_namespace
    where nspname in ('${connector.stagingSchema}', 'etl_staging_other_0123abcd')`);
  expect(left.map(({ name }) => name)).toEqual(['etl_staging_other_0123abcd']);
});
