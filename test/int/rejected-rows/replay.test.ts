import { and, eq } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { fieldMappings, rejectedRows } from '../../../src/db/schema/index.ts';
import { ConflictError } from '../../../src/errors.ts';
import { removeConnector } from '../../../src/services/connectors/remove.ts';
import { listRejectedRows } from '../../../src/services/rejected-rows/list.ts';
import { type ReplayInput, replayRejectedRows } from '../../../src/services/rejected-rows/replay.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { reportRun } from '../../../src/services/runs/report.ts';
import { connectorRow, historyOf, runsOf } from '../../harness/connectors.ts';
import { createStaged, startRun } from '../load/fixtures.ts';
import { FIELDS, useLoading } from '../load/loading.ts';

const it = useLoading();
const running = new AbortController().signal;

const load = (runId: string) =>
  loadRun(it.deps, { runId, workerId: 'w', signal: running, lastAttempt: true });
const listed = async () =>
  (await listRejectedRows(it.ctx, { connectorId: it.connector.id, limit: 200, before: null })).items;
const replay = (choice: Omit<ReplayInput, 'connectorId'> = {}) =>
  replayRejectedRows(it.ctx, { connectorId: it.connector.id, ...choice });
const replayed = async (choice: Omit<ReplayInput, 'connectorId'> = {}) => {
  const made = await replay(choice);
  await load(made.runId);
  return made;
};

/** A run of 20 deals, of which the tenth and twentieth have no number for an amount. */
async function rejectedDeals(): Promise<{ at: string; runId: string }> {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 20, loadId);
  await load(runId);
  return { at, runId };
}

async function transformAmountBy(transformFn: string): Promise<void> {
  await it.deps.database.db
    .update(fieldMappings)
    .set({ transformFn })
    .where(and(eq(fieldMappings.connectorId, it.connector.id), eq(fieldMappings.sourceField, 'amount')));
}

async function totals() {
  const history = await historyOf(it.deps, it.connector.id);
  const sum = (count: 'rowsLoaded' | 'transformErrors') => history.reduce((all, run) => all + run[count], 0);
  const { rowsTotal } = await connectorRow(it.deps, it.connector.id);
  return {
    loaded: sum('rowsLoaded'),
    errors: sum('transformErrors'),
    rowsTotal,
    listed: (await listed()).length,
  };
}

const LENIENT = 'float(v)/100 if v.isdigit() else 0.0';

test('rejected rows load with a corrected mapping, leave the list, and every count moves with them', async () => {
  const { runId } = await rejectedDeals();
  expect(await totals()).toEqual({ loaded: 18, errors: 2, rowsTotal: 18, listed: 2 });
  await transformAmountBy(LENIENT);
  const made = await replayed();
  expect(made.rows).toBe(2);
  expect(await totals()).toEqual({ loaded: 20, errors: 0, rowsTotal: 20, listed: 0 });
  expect(await it.lakeRows(it.destination, 'deal_id, usd')).toHaveLength(20);
  expect(await historyOf(it.deps, it.connector.id)).toMatchObject([
    { id: runId, transformErrors: 0, tables: [{ rejected: 2, replayed: 2 }] },
    {
      id: made.runId,
      trigger: 'replay',
      status: 'completed',
      rowsSynced: 2,
      rowsLoaded: 2,
      transformErrors: 0,
    },
  ]);
});

test('rows that fail again stay on the list with their new error', async () => {
  await rejectedDeals();
  await transformAmountBy('int(v)/100 if v else 0.0');
  const { runId } = await replayed();
  const rows = await listed();
  expect(rows.map((row) => [row.runId, row.column, row.replayRunId])).toEqual([
    [runId, 'usd', null],
    [runId, 'usd', null],
  ]);
  expect(rows[0]?.error).toMatch(/int\(\)/);
  expect(await totals()).toEqual({ loaded: 18, errors: 2, rowsTotal: 18, listed: 2 });
  await transformAmountBy(LENIENT);
  await replayed();
  expect(await totals()).toEqual({ loaded: 20, errors: 0, rowsTotal: 20, listed: 0 });
});

test('only what is named is replayed: ids, a run, a stream', async () => {
  const { runId } = await rejectedDeals();
  await transformAmountBy(LENIENT);
  const [first] = await listed();
  await expect(replay({ stream: 'others' })).rejects.toMatchObject({ code: 'replay.nothing' });
  expect((await replayed({ ids: [first?.id ?? 0], runId })).rows).toBe(1);
  expect((await listed()).map(({ id }) => id)).not.toContain(first?.id);
  expect(await totals()).toEqual({ loaded: 19, errors: 1, rowsTotal: 19, listed: 1 });
});

test('a replay says nothing about the source: failures, next slot, state and last sync stay', async () => {
  await rejectedDeals();
  await transformAmountBy(LENIENT);
  const { database } = it.deps;
  await database.sql`update etl.meltano_connectors set consecutive_failures = 2, status = 'paused', next_run_at = null,
    tap_state = '{"a":1}', last_error = 'down' where id = ${it.connector.id}`;
  const before = await connectorRow(it.deps, it.connector.id);
  await replayed();
  expect(await connectorRow(it.deps, it.connector.id)).toEqual({
    ...before,
    rowsTotal: 20,
    updatedAt: expect.any(Date),
  });
});

test('one unfinished run a connector holds for replays too, and a cancelled one gives everything back', async () => {
  await rejectedDeals();
  const { runId } = await replay();
  await expect(replay()).rejects.toMatchObject({ code: 'connector.run_unfinished' });
  await expect(
    reportRun(it.ctx, {
      connectorId: it.connector.id,
      runId: null,
      status: 'completed',
      rowsWritten: 1,
      tapState: null,
      errorMsg: null,
      durationS: 1,
    }),
  ).rejects.toBeInstanceOf(ConflictError);
  await cancelRun(it.ctx, { connectorId: it.connector.id, runId });
  expect((await listed()).map((row) => row.replayRunId)).toEqual([null, null]);
  await transformAmountBy(LENIENT);
  await replayed();
  expect(await totals()).toEqual({ loaded: 20, errors: 0, rowsTotal: 20, listed: 0 });
});

test('a replay whose load was cut off after its rows were marked, and taken up again, loads them once', async () => {
  await rejectedDeals();
  await transformAmountBy(LENIENT);
  const { runId } = await replay();
  const cut = new AbortController();
  const lakehouse = {
    ...it.deps.lakehouse,
    openBatch: () => {
      cut.abort();
      return Promise.reject(cut.signal.reason);
    },
  };
  const cutOff = { runId, workerId: 'w', signal: cut.signal, lastAttempt: false };
  await expect(loadRun({ ...it.deps, lakehouse }, cutOff)).rejects.toThrow();
  expect((await runsOf(it.deps, it.connector.id)).at(-1)?.status).toBe('loading');
  await load(runId);
  expect(await totals()).toEqual({ loaded: 20, errors: 0, rowsTotal: 20, listed: 0 });
});

/** Waits until a replay has taken up so many rows, or has ended. */
async function takenUp(replayRunId: string, count: number): Promise<void> {
  const { sql } = it.deps.database;
  for (;;) {
    const [state] = await sql<{ taken: number; over: boolean }[]>`
      select (select count(*)::int from etl.rejected_rows where replay_run_id = j.id and load_id = j.load_id) as taken,
        j.status not in ('loading') as over from etl.runner_jobs j where id = ${replayRunId}`;
    if (!state || state.over || state.taken >= count) return;
  }
}

test('a connector deleted at any moment of a replay is gone, and nothing hangs', async () => {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 20_000, loadId);
  await load(runId);
  const made = await replay();
  const loading = load(made.runId).catch((error: unknown) => error);
  await takenUp(made.runId, 500);
  await removeConnector(it.ctx, { connectorId: it.connector.id });
  await loading;
  expect(await runsOf(it.deps, it.connector.id)).toEqual([]);
});

test('a replay cancelled at any moment of its load ends, and the counts agree with the rows', async () => {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 9_000, loadId);
  await load(runId);
  await transformAmountBy(LENIENT);
  for (let round = 0; round < 4; round++) {
    const made = await replay();
    const loading = load(made.runId);
    await takenUp(made.runId, round * 2_000);
    const connectorId = it.connector.id;
    await cancelRun(it.ctx, { connectorId, runId: made.runId }).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
    await it.deps.database
      .sql`update etl.runner_jobs set lease_until = now() where id = ${made.runId} and lease_until is not null`;
    await cancelRun(it.ctx, { connectorId, runId: made.runId }).catch((error: unknown) => {
      if (!(error instanceof ConflictError)) throw error;
    });
    await loading;
    const { loaded, errors, rowsTotal, listed: left } = await totals();
    expect([round, loaded, errors]).toEqual([round, rowsTotal, 9_000 - rowsTotal]);
    expect(left).toBe(Math.min(200, errors));
    if (errors === 0) return;
  }
});

test('a row that came anew since never goes back to its rejected version', async () => {
  const { at } = await rejectedDeals();
  const later = await startRun(it.deps, it.connector);
  await it.deps.database.sql.unsafe(
    `update ${at} set name = 'newer', amount = '700', _ivory_load_id = ${later.loadId} where id = 10`,
  );
  await load(later.runId);
  await transformAmountBy(LENIENT);
  await replayed();
  expect(await it.lakeRows(it.destination, 'deal_id, title, usd')).toContainEqual([10n, 'NEWER', 7]);
  expect(await listed()).toEqual([]);
});

test('rows without a key are found by what they hold: of equal ones each is loaded once', async () => {
  const { sql } = it.deps.database;
  const at = await createStaged(sql, it.connector, 'deals', {
    fields: 'name text, amount text, at timestamptz',
  });
  await it.mapDeals();
  await it.deps.database.db
    .delete(fieldMappings)
    .where(and(eq(fieldMappings.connectorId, it.connector.id), eq(fieldMappings.sourceField, 'id')));
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await sql.unsafe(`insert into ${at} (name, amount, at, _ivory_load_id) values
    ('a', 'many', now(), ${loadId}), ('a', 'many', null, ${loadId}), ('b', '100', null, ${loadId}), (null, 'few', null, ${loadId})`);
  await load(runId);
  expect(await listed()).toHaveLength(3);
  await transformAmountBy(LENIENT);
  const [newest] = await listed();
  await replayed({ ids: [newest?.id ?? 0] });
  await replayed();
  expect(await listed()).toEqual([]);
  expect(await it.lakeRows(it.destination, 'title, usd', 'title nulls last')).toEqual([
    ['A', 0],
    ['A', 0],
    ['B', 1],
    [null, 0],
  ]);
});

test('a row that is no longer staged stays on the list and says so', async () => {
  const { at } = await rejectedDeals();
  await it.deps.database.sql.unsafe(`delete from ${at} where id = 10`);
  await transformAmountBy(LENIENT);
  await replayed();
  const [row, ...others] = await listed();
  expect(others).toEqual([]);
  expect(row).toMatchObject({
    rowKey: '["10"]',
    replayRunId: null,
    error: expect.stringMatching(/no longer in staging/),
  });
});

test('what another loader staged meanwhile is left for the run it reports', async () => {
  const { at } = await rejectedDeals();
  await it.deps.database.sql.unsafe(`insert into ${at} (id, name, amount) values (99, 'foreign', '1')`);
  await transformAmountBy(LENIENT);
  await replayed();
  expect(await it.lakeRows(it.destination, 'deal_id')).not.toContainEqual([99n]);
  const count = await it.deps.database.db.$count(rejectedRows, eq(rejectedRows.connectorId, it.connector.id));
  expect(count).toBe(0);
});

test("a run after a replay reads none of another loader's rows that the replay has loaded", async () => {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', {
    ...FIELDS,
    loadColumn: false,
  });
  await it.mapDeals();
  await it.deps.database.sql.unsafe(
    `insert into ${at} (id, name, amount) values (1, 'a', '100'), (2, 'b', 'many')`,
  );
  await load((await startRun(it.deps, it.connector)).runId);
  await transformAmountBy(LENIENT);
  await replayed();
  const { runId } = await startRun(it.deps, it.connector);
  await load(runId);
  const history = await historyOf(it.deps, it.connector.id);
  expect(history.find(({ id }) => id === runId)).toMatchObject({
    status: 'completed',
    rowsLoaded: 0,
    tables: [],
  });
  expect(await totals()).toEqual({ loaded: 2, errors: 0, rowsTotal: 2, listed: 0 });
});
