import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findConnectorDetail } from '../../../src/db/queries/connectors.ts';
import {
  connectorTasks,
  loadBatches,
  outbox,
  rejectedRows,
  runnerJobs,
} from '../../../src/db/schema/index.ts';
import { prune } from '../../../src/services/maintenance/prune.ts';
import { historyOf, insertConnector, runsOf } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { DAY_MS, endedRun, rejectRow } from './past.ts';

const NOW = new Date('2026-05-01T12:00:00Z');
const ago = (days: number, moreMs = 0) => new Date(NOW.getTime() - days * DAY_MS - moreMs);

let deps: TestDeps;
beforeEach(async () => {
  deps = await createTestDeps({ now: () => NOW });
});
afterEach(() => deps.close());

test('a run goes with its history and its batches when it is a moment older than asked for', async () => {
  const connector = await insertConnector(deps);
  await endedRun(deps, connector, { finishedAt: ago(400, 1) });
  const edge = await endedRun(deps, connector, { finishedAt: ago(400) });
  const last = await endedRun(deps, connector, { finishedAt: ago(1) });
  expect(await prune(deps)).toMatchObject({ runs: 1 });
  expect((await runsOf(deps, connector.id)).map(({ id }) => id)).toEqual([edge.id, last.id]);
  expect((await historyOf(deps, connector.id)).map(({ id }) => id)).toEqual([edge.id, last.id]);
  expect(await deps.database.db.$count(loadBatches)).toBe(2);
});

test('the totals of a connector count the runs that are gone', async () => {
  const connector = await insertConnector(deps);
  for (const days of [403, 402, 401, 1])
    await endedRun(deps, connector, { finishedAt: ago(days), rowsLoaded: 7 });
  const totals = async () => {
    const detail = await findConnectorDetail(deps.database.db, 'acme', connector.id);
    return [detail?.runCount, detail?.totalRowsLoaded];
  };
  expect(await totals()).toEqual([4, 28]);
  expect(await prune(deps)).toMatchObject({ runs: 3 });
  expect(await totals()).toEqual([4, 28]);
});

test("a connector's runs from its last good one on stay, however old, and its last completed one", async () => {
  const connector = await insertConnector(deps);
  const made: Record<string, string> = {};
  for (const [name, status, trigger] of [
    ['lost', 'completed'],
    ['completed', 'completed'],
    ['failed', 'failed'],
    ['partial', 'partial'],
    ['failed since', 'failed'],
    ['replayed since', 'completed', 'replay'],
  ] as const) {
    const { id } = await endedRun(deps, connector, { status, trigger, finishedAt: ago(900) });
    made[id] = name;
  }
  const left = async () => (await runsOf(deps, connector.id)).map(({ id }) => made[id]);
  await prune(deps);
  expect(await left()).toEqual(['completed', 'partial', 'failed since', 'replayed since']);
});

test('the newest run stays where none was good', async () => {
  const connector = await insertConnector(deps);
  await endedRun(deps, connector, { status: 'failed', finishedAt: ago(900) });
  const newest = await endedRun(deps, connector, { status: 'failed', finishedAt: ago(800) });
  await prune(deps);
  expect((await runsOf(deps, connector.id)).map(({ id }) => id)).toEqual([newest.id]);
});

test('a run with rejected rows stays as long as they do; those that a replay was given stay', async () => {
  const connector = await insertConnector(deps);
  const [kept, gone] = [
    await endedRun(deps, connector, { finishedAt: ago(500) }),
    await endedRun(deps, connector, { finishedAt: ago(500) }),
  ];
  const last = await endedRun(deps, connector, { finishedAt: ago(1) });
  await rejectRow(deps, connector, kept.id, { createdAt: ago(90) });
  await rejectRow(deps, connector, gone.id, { createdAt: ago(90, 1_000) });
  await rejectRow(deps, connector, last.id, { createdAt: ago(91), replayRunId: randomUUID() });
  expect(await prune(deps)).toMatchObject({ rejectedRows: 1, runs: 1 });
  const left = await deps.database.db.select({ runId: rejectedRows.runId }).from(rejectedRows);
  expect(left.map(({ runId }) => runId).sort()).toEqual([kept.id, last.id].sort());
  expect((await runsOf(deps, connector.id)).map(({ id }) => id)).toEqual([kept.id, last.id]);
});

test('the log of an ended run goes after its time and says so, its lines stay counted', async () => {
  const connector = await insertConnector(deps);
  await endedRun(deps, connector, { finishedAt: ago(30, 1) });
  await endedRun(deps, connector, { finishedAt: ago(30) });
  expect(await prune(deps)).toEqual({ logs: 1 });
  expect(await prune(deps)).toEqual({});
  const [old, edge] = await runsOf(deps, connector.id);
  expect([old?.logTail, old?.logLines]).toEqual([
    expect.stringMatching(/^\[ivory \S+\] the log is no longer kept$/),
    2,
  ]);
  expect([edge?.logTail, edge?.logLines]).toEqual(['line 1\nline 2', 2]);
});

test('an unfinished run is never touched, however old', async () => {
  const connector = await insertConnector(deps);
  await deps.database.db.insert(runnerJobs).values({
    ...{
      id: randomUUID(),
      tenantId: 'acme',
      connectorId: connector.id,
      status: 'loading',
      trigger: 'manual',
    },
    ...{ scheduledFor: ago(900), createdAt: ago(900), logTail: 'kept' },
  });
  expect(await prune(deps)).toEqual({});
  expect(await runsOf(deps, connector.id)).toMatchObject([{ status: 'loading', logTail: 'kept' }]);
});

test('ended tasks and promises no queue took go after a week', async () => {
  const connector = await insertConnector(deps);
  const task = (finishedAt: Date | null) => ({
    ...{ id: randomUUID(), tenantId: 'acme', connectorId: connector.id, kind: 'check' as const },
    ...{ status: finishedAt ? ('done' as const) : ('queued' as const), createdAt: ago(30), finishedAt },
  });
  await deps.database.db.insert(connectorTasks).values([task(ago(7, 1)), task(ago(7)), task(null)]);
  const entry = (createdAt: Date) => ({ job: 'execute-run', payload: {}, jobId: randomUUID(), createdAt });
  await deps.database.db.insert(outbox).values([entry(ago(7, 1)), entry(ago(7))]);
  expect(await prune(deps)).toEqual({ connectorTasks: 1, outbox: 1 });
});

test('what is kept for ever goes never', async () => {
  const { settings } = deps;
  const forEver = { runsMs: null, logsMs: null, rejectedMs: null, stagedMs: null, auditMs: null };
  const connector = await insertConnector(deps);
  for (const days of [5_000, 4_000, 3_000]) await endedRun(deps, connector, { finishedAt: ago(days) });
  expect(await prune({ ...deps, settings: { ...settings, retention: forEver } })).toEqual({});
});

test('each kind is counted once for the metrics', async () => {
  const counted: [string, number][] = [];
  const metrics = {
    ...deps.metrics,
    rowsPruned: (kind: string, rows: number) => void counted.push([kind, rows]),
  };
  const connector = await insertConnector(deps);
  for (const days of [402, 401, 1]) await endedRun(deps, connector, { finishedAt: ago(days) });
  await prune({ ...deps, metrics });
  expect(counted.sort()).toEqual([
    ['logs', 2],
    ['runs', 2],
  ]);
});
