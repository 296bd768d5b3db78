import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { finishRun } from '../../../src/services/runs/finish.ts';
import { type ReportInput, reportRun } from '../../../src/services/runs/report.ts';
import { connectorRow, historyOf, insertConnector, runsOf, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

function reportOf(connectorId: string, values: Partial<ReportInput> = {}): ReportInput {
  return {
    connectorId,
    runId: null,
    status: 'completed',
    rowsWritten: 10,
    tapState: '{"bookmarks":{"a":{"id":9007199254740993}}}',
    errorMsg: null,
    durationS: 3,
    ...values,
  };
}

async function finishLoaded(
  connectorId: string,
  runId: string,
  status: 'completed' | 'partial' = 'completed',
) {
  const run = (await runsOf(deps, connectorId)).find(({ id }) => id === runId);
  await finishRun(tenantContext(deps), {
    runId,
    connectorId,
    fence: run?.fence ?? 0,
    status,
    errorCode: null,
    errorMsg: null,
    tables: [{ stream: 's', table: 'ns.t', read: 10, loaded: 8, rejected: 2 }],
    counted: true,
  });
}

const fail = (id: string, values: Partial<ReportInput> = {}) =>
  reportRun(
    tenantContext(deps),
    reportOf(id, { status: 'failed', errorMsg: 'source said no', tapState: null, ...values }),
  );

describe('a completed report', () => {
  test('puts the run on the transform queue and, once loaded, moves bookmark, totals and slot in one step', async () => {
    const connector = await insertConnector(deps, { consecutiveFailures: 2, nextRunAt: null });
    const { runId } = await reportRun(tenantContext(deps), reportOf(connector.id));
    expect(deps.jobs).toContainEqual({ name: 'load-run', payload: { runId }, jobId: `load-${runId}-1` });
    await finishLoaded(connector.id, runId);
    const row = await connectorRow(deps, connector.id);
    expect(row).toMatchObject({
      tapState: '{"bookmarks":{"a":{"id":9007199254740993}}}',
      stateVersion: 1,
      consecutiveFailures: 0,
      rowsTotal: 8,
      status: 'active',
      lastError: null,
    });
    expect(row.nextRunAt?.getTime()).toBeGreaterThan(Date.now());
    const [history] = await historyOf(deps, connector.id);
    expect(history).toMatchObject({
      id: runId,
      rowsSynced: 10,
      rowsLoaded: 8,
      transformErrors: 2,
      status: 'completed',
    });
  });

  test('of a connector paused meanwhile leaves it without a slot', async () => {
    const connector = await insertConnector(deps, { status: 'paused', nextRunAt: null });
    const { runId } = await reportRun(tenantContext(deps), reportOf(connector.id));
    await finishLoaded(connector.id, runId);
    expect((await connectorRow(deps, connector.id)).nextRunAt).toBeNull();
  });

  test.each([null, '{}', 'null', ' { } '])('with the state %j keeps the old one', async (tapState) => {
    const connector = await insertConnector(deps, { tapState: '{"a":1}' });
    const { runId } = await reportRun(tenantContext(deps), reportOf(connector.id, { tapState }));
    await finishLoaded(connector.id, runId);
    expect((await connectorRow(deps, connector.id)).tapState).toBe('{"a":1}');
  });
});

describe('redelivery', () => {
  test('twenty concurrent reports of one run have one effect', async () => {
    const connector = await insertConnector(deps);
    const runId = deps.newId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => reportRun(tenantContext(deps), reportOf(connector.id, { runId }))),
    );
    expect(new Set(answers.map((answer) => answer.runId))).toEqual(new Set([runId]));
    expect(await runsOf(deps, connector.id)).toHaveLength(1);
    expect(deps.jobs.filter((job) => job.jobId === `load-${runId}-1`)).toHaveLength(1);
  });

  test('of a failure is counted once', async () => {
    const connector = await insertConnector(deps);
    const runId = deps.newId();
    for (let i = 0; i < 4; i++) await fail(connector.id, { runId });
    expect(await connectorRow(deps, connector.id)).toMatchObject({
      consecutiveFailures: 1,
      status: 'active',
    });
    expect(await historyOf(deps, connector.id)).toHaveLength(1);
  });

  test('after the end changes nothing', async () => {
    const connector = await insertConnector(deps);
    const { runId } = await reportRun(tenantContext(deps), reportOf(connector.id));
    await finishLoaded(connector.id, runId);
    await fail(connector.id, { runId });
    expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 0, rowsTotal: 8 });
  });
});

describe('failures', () => {
  test('the first two are retried with growing pauses, the third opens the breaker', async () => {
    const connector = await insertConnector(deps, { syncSchedule: '0 0 1 1 *' });
    for (const [failures, seconds] of [
      [1, 120],
      [2, 240],
    ] as const) {
      const before = Date.now();
      await fail(connector.id);
      const row = await connectorRow(deps, connector.id);
      expect(row).toMatchObject({ consecutiveFailures: failures, status: 'active', nextTrigger: 'retry' });
      const pauseS = ((row.nextRunAt?.getTime() ?? 0) - before) / 1000;
      expect(pauseS).toBeGreaterThan(seconds * 0.79);
      expect(pauseS).toBeLessThan(seconds * 1.21 + 5);
    }
    await fail(connector.id);
    expect(await connectorRow(deps, connector.id)).toMatchObject({
      consecutiveFailures: 3,
      status: 'error',
      nextRunAt: null,
      lastError: 'source said no',
    });
  });

  test('never wait longer than the regular slot', async () => {
    const connector = await insertConnector(deps, { syncSchedule: '* * * * *' });
    await fail(connector.id);
    const { nextRunAt } = await connectorRow(deps, connector.id);
    expect(nextRunAt?.getTime()).toBeLessThanOrEqual(Date.now() + 61_000);
  });

  test('leave the bookmark alone', async () => {
    const connector = await insertConnector(deps, { tapState: '{"a":1}' });
    await fail(connector.id, { tapState: '{"a":2}' });
    expect(await connectorRow(deps, connector.id)).toMatchObject({ tapState: '{"a":1}', stateVersion: 0 });
  });

  test('that are our own are not counted', async () => {
    const connector = await insertConnector(deps);
    for (let i = 0; i < 4; i++) await fail(connector.id, { counted: false });
    expect(await connectorRow(deps, connector.id)).toMatchObject({
      consecutiveFailures: 0,
      status: 'active',
    });
  });
});

describe('ownership', () => {
  test('a report from a worker that lost the run changes nothing', async () => {
    const connector = await insertConnector(deps);
    await dispatchDue(deps);
    const [run] = await runsOf(deps, connector.id);
    await deps.database
      .sql`update etl.runner_jobs set status = 'running', fence = 2 where id = ${run?.id ?? ''}`;
    await expect(fail(connector.id, { runId: run?.id ?? null, fence: 1 })).rejects.toMatchObject({
      code: 'run.lease_lost',
    });
    expect(await historyOf(deps, connector.id)).toEqual([]);
  });

  test('a run id of another connector or tenant is refused in the words of a wrong signature', async () => {
    const mine = await insertConnector(deps);
    const theirs = await insertConnector(deps, { tenantId: 'globex' });
    const { runId } = await reportRun(tenantContext(deps, 'globex'), reportOf(theirs.id));
    await expect(fail(mine.id, { runId })).rejects.toMatchObject({ code: 'webhook.forbidden' });
  });

  test('a report without a run id takes over the queued run', async () => {
    const connector = await insertConnector(deps);
    await dispatchDue(deps);
    const [run] = await runsOf(deps, connector.id);
    expect(await reportRun(tenantContext(deps), reportOf(connector.id))).toEqual({ runId: run?.id });
  });
});
