import { beforeEach, expect, test } from 'vitest';
import type { RunOutcome } from '../../../src/ports/runner.ts';
import { replayRejectedRows } from '../../../src/services/rejected-rows/replay.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { type ReportInput, reportRun } from '../../../src/services/runs/report.ts';
import { sweepTasks } from '../../../src/services/tasks/sweep.ts';
import { tenantContext } from '../../harness/connectors.ts';
import { type Meter, openMeter } from '../../harness/meter.ts';
import { createScriptedRunner } from '../../harness/scripted-runner.ts';
import { createStaged, startRun } from '../load/fixtures.ts';
import { FIELDS, useLoading } from '../load/loading.ts';

const it = useLoading();
const running = new AbortController().signal;
let meter: Meter;
beforeEach(() => {
  meter = openMeter();
  it.deps.metrics = meter.metrics;
});

const load = (runId: string) =>
  loadRun(it.deps, { runId, workerId: 'w', signal: running, lastAttempt: true });

const report = (values: Partial<ReportInput> = {}) =>
  reportRun(tenantContext(it.deps), {
    connectorId: it.connector.id,
    runId: null,
    status: 'failed',
    rowsWritten: 0,
    tapState: null,
    errorMsg: 'The source is away.',
    durationS: 1,
    ...values,
  });

async function dispatched(): Promise<string> {
  const { sql } = it.deps.database;
  await sql`update etl.meltano_connectors set next_run_at = now() - interval '1 second' where id = ${it.connector.id}`;
  await dispatchDue(it.deps);
  const [run] = await sql<{ id: string }[]>`
    select id from etl.runner_jobs where connector_id = ${it.connector.id} order by load_id desc limit 1`;
  return run?.id ?? '';
}

/** A run of 20 deals, of which the tenth and twentieth have no number for an amount. */
async function stagedDeals(): Promise<string> {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 20, loadId);
  return runId;
}

const LOADED = {
  'ivory_table_loads_total{lakehouse="postgres",outcome="committed"}': 1,
  'ivory_read_rows_total{lakehouse="postgres"}': 20,
  'ivory_loaded_rows_total{lakehouse="postgres"}': 18,
  'ivory_rejected_rows_total{lakehouse="postgres"}': 2,
};

test('a run that is loaded counts once with its rows, however often its load is asked for', async () => {
  const runId = await stagedDeals();
  await load(runId);
  await load(runId);
  expect(await meter.raised()).toEqual({
    ...LOADED,
    'ivory_runs_total{connector_type="custom",trigger="manual",status="completed"}': 1,
  });
  expect(await meter.value('ivory_table_load_duration_seconds_count')).toBe(1);
});

test('a load that fails after its rows were committed does not count them a second time', async () => {
  const runId = await stagedDeals();
  const { sql } = it.deps.database;
  await sql.unsafe(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
  );
  await sql.unsafe('create trigger refuse before insert on etl.sync_runs execute function refuse()');
  const retried = loadRun(it.deps, { runId, workerId: 'w', signal: running, lastAttempt: false });
  await expect(retried).rejects.toThrow();
  expect(await meter.raised()).toEqual(LOADED);
  await sql.unsafe('drop trigger refuse on etl.sync_runs; drop function refuse()');
  await load(runId);
  expect(await meter.raised()).toEqual({
    ...LOADED,
    'ivory_runs_total{connector_type="custom",trigger="manual",status="completed"}': 1,
  });
});

test('a table that cannot be loaded is a failed load and a failed run', async () => {
  const runId = await stagedDeals();
  const openBatch = it.deps.lakehouse.openBatch;
  it.deps.lakehouse.openBatch = async () => {
    throw new Error('the lakehouse is away');
  };
  await load(runId).finally(() => {
    it.deps.lakehouse.openBatch = openBatch;
  });
  expect(await meter.raised()).toEqual({
    'ivory_table_loads_total{lakehouse="postgres",outcome="failed"}': 1,
    'ivory_runs_total{connector_type="custom",trigger="manual",status="failed"}': 1,
  });
});

test('a partial run counts as partial, and a replay of rejected rows as a run of its own', async () => {
  const runId = await stagedDeals();
  await it.deps.database.sql`update etl.runner_jobs set report_status = 'partial' where id = ${runId}`;
  await load(runId);
  const PARTIAL = 'ivory_runs_total{connector_type="custom",trigger="manual",status="partial"}';
  expect(await meter.raised()).toEqual({ ...LOADED, [PARTIAL]: 1 });
  const replay = await replayRejectedRows(it.ctx, { connectorId: it.connector.id });
  await load(replay.runId);
  expect(await meter.raised()).toEqual({
    [PARTIAL]: 1,
    'ivory_runs_total{connector_type="custom",trigger="replay",status="completed"}': 1,
    'ivory_table_loads_total{lakehouse="postgres",outcome="committed"}': 2,
    'ivory_read_rows_total{lakehouse="postgres"}': 22,
    'ivory_loaded_rows_total{lakehouse="postgres"}': 18,
    'ivory_rejected_rows_total{lakehouse="postgres"}': 4,
  });
});

test('three failures in a row open the breaker once; a report that comes again counts nothing', async () => {
  const ids = [it.deps.newId(), it.deps.newId(), it.deps.newId(), it.deps.newId()];
  for (const runId of ids) {
    await report({ runId });
    await report({ runId });
  }
  expect(await meter.raised()).toEqual({
    'ivory_runs_total{connector_type="custom",trigger="webhook",status="failed"}': 4,
    'ivory_breaker_openings_total{connector_type="custom"}': 1,
  });
});

test('what is rolled back is not counted', async () => {
  const { sql } = it.deps.database;
  await sql.unsafe(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
  );
  await sql.unsafe(`create constraint trigger refuse after insert on etl.sync_runs
    deferrable initially deferred for each row execute function refuse()`);
  await expect(report()).rejects.toThrow();
  expect(await meter.raised()).toEqual({});
  await sql.unsafe('drop trigger refuse on etl.sync_runs; drop function refuse()');
});

test('rows and bytes a tap stages are counted once, as they come', async () => {
  const runId = await dispatched();
  const outcome: RunOutcome = {
    status: 'failed',
    rowsWritten: 5,
    state: null,
    streams: { deals: { rows: 5, bytes: 50 } },
    errorCode: 'tap.failed',
    errorMsg: 'It broke.',
  };
  const runner = createScriptedRunner(async (_spec, { progress }) => {
    progress({ deals: { rows: 2, bytes: 20 } });
    progress({ deals: { rows: 5, bytes: 50 } });
    return outcome;
  });
  await executeRun({ ...it.deps, runners: { custom: runner } }, { runId, workerId: 'w', signal: running });
  expect(await meter.raised()).toEqual({
    'ivory_staged_rows_total{connector_type="custom"}': 5,
    'ivory_staged_bytes_total{connector_type="custom"}': 50,
    'ivory_runs_total{connector_type="custom",trigger="schedule",status="failed"}': 1,
  });
});

test('a run that is taken from a worker that is gone is a lost lease, once for each time it is taken', async () => {
  const runId = await dispatched();
  const lose = (attempt: number) => it.deps.database.sql`
    update etl.runner_jobs set status = 'running', attempt = ${attempt}, lease_until = now() - interval '1 second'
    where id = ${runId}`;
  await lose(1);
  await reapLost(it.deps);
  await reapLost(it.deps);
  expect(await meter.raised()).toEqual({ 'ivory_lease_losses_total{what="run",noticed_by="reaper"}': 1 });
  await lose(5);
  await reapLost(it.deps);
  expect(await meter.raised()).toEqual({
    'ivory_lease_losses_total{what="run",noticed_by="reaper"}': 2,
    'ivory_runs_total{connector_type="custom",trigger="schedule",status="failed"}': 1,
  });
});

test('a task that is taken from a worker that is gone is a lost lease of its own', async () => {
  await it.deps.database
    .sql`insert into etl.connector_tasks (id, tenant_id, connector_id, kind, status, attempt, lease_until)
    values (${it.deps.newId()}, 'acme', ${it.connector.id}, 'check', 'running', 1, now() - interval '1 second')`;
  await sweepTasks(it.deps);
  await sweepTasks(it.deps);
  expect(await meter.raised()).toEqual({ 'ivory_lease_losses_total{what="task",noticed_by="reaper"}': 1 });
});

test('a queued run that is cancelled ends as cancelled, and took no time', async () => {
  const runId = await dispatched();
  const ctx = tenantContext(it.deps);
  await cancelRun(ctx, { connectorId: it.connector.id, runId });
  await expect(cancelRun(ctx, { connectorId: it.connector.id, runId })).rejects.toThrow();
  expect(await meter.raised()).toEqual({
    'ivory_runs_total{connector_type="custom",trigger="schedule",status="cancelled"}': 1,
  });
  expect(await meter.value('ivory_run_duration_seconds_count')).toBe(0);
});
