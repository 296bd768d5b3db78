import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { connectorRow, insertConnector, runsOf } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

test('a due connector gets one queued run, its job and its next slot', async () => {
  const connector = await insertConnector(deps);
  expect(await dispatchDue(deps)).toBe(1);
  const [run] = await runsOf(deps, connector.id);
  expect(run).toMatchObject({
    status: 'queued',
    trigger: 'schedule',
    fence: 0,
    scheduledFor: connector.nextRunAt,
  });
  expect(deps.jobs).toContainEqual({
    name: 'execute-run',
    payload: { runId: run?.id },
    jobId: `execute-${run?.id}-0`,
  });
  const { nextRunAt } = await connectorRow(deps, connector.id);
  expect(nextRunAt?.getTime()).toBeGreaterThan(Date.now());
});

test('a connector whose run is unfinished skips its slot', async () => {
  const connector = await insertConnector(deps);
  await dispatchDue(deps);
  await deps.database.sql`update etl.meltano_connectors set next_run_at = now() where id = ${connector.id}`;
  expect(await dispatchDue(deps)).toBe(0);
  expect(await runsOf(deps, connector.id)).toHaveLength(1);
  expect((await connectorRow(deps, connector.id)).nextRunAt?.getTime()).toBeGreaterThan(Date.now());
});

test('a paused or errored connector is never dispatched', async () => {
  const paused = await insertConnector(deps, { status: 'paused' });
  const broken = await insertConnector(deps, { status: 'error' });
  await dispatchDue(deps);
  expect(await runsOf(deps, paused.id)).toEqual([]);
  expect(await runsOf(deps, broken.id)).toEqual([]);
});

test('a scheduler that was down for a week makes one catch-up run', async () => {
  const weekAgo = new Date(Date.now() - 7 * 24 * 3_600_000);
  const connector = await insertConnector(deps, { syncSchedule: '0 * * * *', nextRunAt: weekAgo });
  await dispatchDue(deps);
  await dispatchDue(deps);
  expect(await runsOf(deps, connector.id)).toHaveLength(1);
});

test('eight schedulers at once make exactly one run of each of 500 slots', async () => {
  const ids = await Promise.all(
    Array.from({ length: 500 }, async (_, i) => (await insertConnector(deps, { tenantId: `t${i % 7}` })).id),
  );
  const made = await Promise.all(Array.from({ length: 8 }, () => dispatchDue(deps)));
  expect(made.reduce((sum, n) => sum + n, 0)).toBe(500);
  const rows = await deps.database.sql`
    select connector_id, count(*)::int as n from etl.runner_jobs where connector_id = any(${ids}) group by 1`;
  expect(rows).toHaveLength(500);
  expect(rows.every((row) => row['n'] === 1)).toBe(true);
});

test('a tenant with a thousand due connectors does not keep another waiting, and never has more runs than its cap', async () => {
  const capped = { ...deps, settings: { ...deps.settings, tenantMaxRuns: 5 } };
  await Promise.all(Array.from({ length: 40 }, () => insertConnector(deps, { tenantId: 'crowd' })));
  const alone = await insertConnector(deps, { tenantId: 'alone', nextRunAt: new Date() });
  expect(await dispatchDue(capped)).toBe(6);
  expect(await runsOf(deps, alone.id)).toHaveLength(1);
  expect(await dispatchDue(capped)).toBe(0);
});

test('jitter spreads a herd after its slot, never before it, and holds no trigger back', async () => {
  const calm = { ...deps, settings: { ...deps.settings, scheduleJitterMs: 300_000 } };
  const slot = new Date(Date.now() - 150_000);
  await Promise.all(
    Array.from({ length: 100 }, () => insertConnector(deps, { tenantId: 'herd', nextRunAt: slot })),
  );
  const triggered = await insertConnector(deps, {
    tenantId: 'herd',
    nextRunAt: new Date(),
    nextTrigger: 'manual',
  });
  await dispatchDue(calm);
  const [started] = await deps.database
    .sql`select count(*)::int as n from etl.runner_jobs where tenant_id = 'herd'`;
  expect(started?.['n']).toBeGreaterThan(20);
  expect(started?.['n']).toBeLessThan(80);
  expect(await runsOf(deps, triggered.id)).toMatchObject([{ trigger: 'manual' }]);
});
