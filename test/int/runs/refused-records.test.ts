import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { loadHooksOf } from '../../../src/adapters/runner/singer/load-hooks.ts';
import { listRejectedRows } from '../../../src/services/rejected-rows/list.ts';
import { replayRejectedRows } from '../../../src/services/rejected-rows/replay.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { loadSinger } from '../../../src/singer/load.ts';
import { DEFAULT_LOAD_SETTINGS } from '../../../src/singer/load-settings.ts';
import { connectorRow, historyOf, insertConnector, runsOf } from '../../harness/connectors.ts';
import { createScriptedRunner } from '../../harness/scripted-runner.ts';
import { useLoading } from '../load/loading.ts';
import { recordMessage, schemaMessage } from '../singer/load-lines.ts';

const it = useLoading();
const signal = new AbortController().signal;
const STATE = { type: 'STATE', value: { seen: 1 } };
const deals = schemaMessage('deals', { id: { type: 'integer' }, amount: { type: ['null', 'number'] } }, [
  'id',
]);
const people = schemaMessage('people', { id: { type: 'integer' } }, ['id']);

/** Lets the source deliver these messages, through the real loader, as a run from its start to its end. */
async function runOf(messages: object[], before: Parameters<typeof createScriptedRunner>[0] | null = null) {
  const connector = await insertConnector(it.deps, {
    destinationTable: `refused_${crypto.randomUUID().slice(0, 8)}`,
  });
  await dispatchDue(it.deps);
  const runId = (await runsOf(it.deps, connector.id)).at(-1)?.id ?? '';
  const source = createScriptedRunner(async (spec, hooks, stop) => {
    const {
      rows: rowsWritten,
      state,
      streams,
    } = await loadSinger({
      source: Readable.from([messages.map((message) => `${JSON.stringify(message)}\n`).join('')]),
      pool: it.deps.database.pool,
      settings: { ...DEFAULT_LOAD_SETTINGS, targetSchema: spec.stagingSchema, loadId: String(spec.loadId) },
      hooks: loadHooksOf(hooks, (text) => text),
      signal: stop,
    });
    return { status: 'completed', rowsWritten, state, streams };
  });
  const input = { runId, workerId: 'w', signal };
  if (before) {
    await executeRun({ ...it.deps, runners: { custom: createScriptedRunner(before) } }, input).catch(
      () => {},
    );
  }
  await executeRun({ ...it.deps, runners: { custom: source } }, input);
  await loadRun(it.deps, { ...input, lastAttempt: true });
  const [history] = await historyOf(it.deps, connector.id);
  const list = () => listRejectedRows(it.ctx, { connectorId: connector.id, limit: 200, before: null });
  return { connector, runId, history, rejected: (await list()).items };
}

const bad = (id: unknown) => recordMessage('deals', { id, amount: 'many' });
const good = (id: number) => recordMessage('deals', { id, amount: id / 4 });

test('a record that cannot be staged is on the list with its reason, and every count agrees', async () => {
  const { connector, history, rejected } = await runOf([deals, good(1), bad(2), good(3), bad(null), STATE]);
  expect(
    rejected.map(({ rowKey, column, row, error }) => ({ rowKey, column, row: JSON.parse(row), error })),
  ).toEqual([
    {
      rowKey: 'line 5',
      column: 'id',
      row: { id: null, amount: 'many' },
      error: expect.stringContaining('missing or null'),
    },
    {
      rowKey: 'line 3',
      column: 'amount',
      row: { id: '2', amount: 'many' },
      error: 'amount: is not null or number',
    },
  ]);
  expect(history).toMatchObject({
    status: 'completed',
    rowsSynced: 4,
    rowsLoaded: 2,
    transformErrors: 2,
    streamStats: { deals: { rows: 2, rejected: 2 } },
  });
  expect(await connectorRow(it.deps, connector.id)).toMatchObject({ rowsTotal: 2, tapState: '{"seen":1}' });
});

test('a value that only the database refuses costs its own row', async () => {
  const days = schemaMessage('deals', { id: { type: 'integer' }, on: { type: 'string', format: 'date' } }, [
    'id',
  ]);
  const { history, rejected } = await runOf([
    days,
    recordMessage('deals', { id: 1, on: '2024-02-29' }),
    recordMessage('deals', { id: 2, on: '2023-02-29' }),
    recordMessage('deals', { id: 3, on: '2023-02-28' }),
  ]);
  expect(rejected).toMatchObject([{ rowKey: 'line 3', column: 'on' }]);
  expect(JSON.parse(rejected[0]?.row ?? '')).toEqual({ id: '2', on: '2023-02-29' });
  expect(history).toMatchObject({ rowsSynced: 3, rowsLoaded: 2, transformErrors: 1 });
});

test('a stream of which nothing can be staged makes the run partial, the others are loaded', async () => {
  const { history } = await runOf([people, deals, recordMessage('people', { id: 1 }), bad(1), bad(2), STATE]);
  expect(history).toMatchObject({
    status: 'partial',
    rowsSynced: 3,
    rowsLoaded: 1,
    transformErrors: 2,
    errorCode: 'staging.stream_refused',
    errorMsg: expect.stringContaining('"deals"'),
  });
});

test('a run of which nothing can be staged has failed, and the state stays', async () => {
  const { connector, history } = await runOf([deals, bad(1), bad(2), STATE]);
  expect(history).toMatchObject({
    status: 'failed',
    rowsSynced: 2,
    rowsLoaded: 0,
    transformErrors: 2,
    errorCode: 'staging.all_refused',
  });
  expect(await connectorRow(it.deps, connector.id)).toMatchObject({ tapState: null, consecutiveFailures: 1 });
});

test('all of a flood are counted, the first thousand are kept', async () => {
  const flood = Array.from({ length: 1234 }, (_, id) => bad(id));
  const { history, runId } = await runOf([deals, good(1), ...flood]);
  expect(history).toMatchObject({ status: 'completed', rowsSynced: 1235, transformErrors: 1234 });
  const [row] = await it.deps.database.sql`
    select count(*)::int as kept from etl.rejected_rows where run_id = ${runId}`;
  expect(row?.['kept']).toBe(1000);
});

test('what an attempt that was given back had refused is not there twice', async () => {
  const { history, rejected } = await runOf([deals, good(1), bad(2)], async (_spec, hooks) => {
    for (let line = 1; line <= 150; line += 1)
      hooks.refused?.({
        stream: 'deals',
        line,
        code: 'x',
        message: 'earlier',
        field: null,
        values: () => ({}),
      });
    throw new Error('the machine went away');
  });
  expect(rejected).toMatchObject([{ rowKey: 'line 3' }]);
  expect(history).toMatchObject({ rowsSynced: 2, rowsLoaded: 1, transformErrors: 1 });
});

test('a replay says that rows which were never staged cannot be taken up', async () => {
  const { connector } = await runOf([deals, good(1), bad(2)]);
  await expect(replayRejectedRows(it.ctx, { connectorId: connector.id })).rejects.toMatchObject({
    code: 'replay.never_staged',
  });
});
