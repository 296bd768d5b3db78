import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { claimForLoad, claimForTap, releaseRun } from '../../../src/db/queries/run-claims.ts';
import { triggerConnector } from '../../../src/services/connectors/trigger.ts';
import { cancelRun } from '../../../src/services/runs/cancel.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { reportRun } from '../../../src/services/runs/report.ts';
import { sweepWaiting } from '../../../src/services/runs/sweep-waiting.ts';
import {
  type ConnectorValues,
  connectorRow,
  historyOf,
  insertConnector,
  runsOf,
  tenantContext,
} from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

const TOMORROW = new Date(Date.now() + 24 * 3_600_000);

async function dispatched(values: Partial<ConnectorValues> = {}) {
  const { id } = await insertConnector(deps, values);
  await dispatchDue(deps);
  return { id, runId: (await runsOf(deps, id))[0]?.id ?? '' };
}

function report(
  connectorId: string,
  status: 'completed' | 'failed',
  runId: string | null = null,
  fence?: number,
) {
  return reportRun(tenantContext(deps), {
    connectorId,
    runId,
    status,
    rowsWritten: 1,
    tapState: '{"new":true}',
    errorMsg: null,
    durationS: 1,
    fence,
  });
}

const claim = (runId: string) => ({ runId, workerId: 'w', leaseMs: 60_000 });
const trigger = (connectorId: string) => triggerConnector(tenantContext(deps), { connectorId });

describe('a trigger', () => {
  test('sent twenty times at once while four schedulers look makes one run, and every answer is of it or before it', async () => {
    const { id } = await insertConnector(deps, { nextRunAt: TOMORROW });
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, () => trigger(id))),
      ...Array.from({ length: 4 }, () => dispatchDue(deps)),
    ]);
    await dispatchDue(deps);
    const runs = await runsOf(deps, id);
    expect(runs).toMatchObject([{ trigger: 'manual', status: 'queued' }]);
    for (const { runId } of answers) expect([null, runs[0]?.id]).toContain(runId);
  });

  test('that an external run gets ahead of has its own run after it', async () => {
    const { id } = await insertConnector(deps, { nextRunAt: TOMORROW });
    expect(await trigger(id)).toMatchObject({ runId: null });
    await report(id, 'completed');
    expect(await dispatchDue(deps)).toBe(0);
    await deps.database.sql`update etl.runner_jobs set status = 'running' where connector_id = ${id}`;
    const [external] = await runsOf(deps, id);
    await report(id, 'failed', external?.id ?? null);
    await dispatchDue(deps);
    expect(await runsOf(deps, id)).toMatchObject([
      { trigger: 'webhook' },
      { trigger: 'manual', status: 'queued' },
    ]);
  });
});

describe('a cancel', () => {
  test('that a worker has not seen yet when it reports ends the run, and the bookmark stays', async () => {
    const { id, runId } = await dispatched({ tapState: '{"old":true}' });
    const run = await claimForTap(deps.database.db, claim(runId));
    expect(await cancelRun(tenantContext(deps), { connectorId: id, runId })).toMatchObject({
      status: 'cancelling',
    });
    await report(id, 'completed', runId, run?.fence);
    expect(await historyOf(deps, id)).toMatchObject([{ status: 'cancelled', errorCode: 'run.cancelled' }]);
    expect(await connectorRow(deps, id)).toMatchObject({ tapState: '{"old":true}', consecutiveFailures: 0 });
  });

  test('of a load whose worker is gone is carried out by the reaper; no other worker takes the load', async () => {
    const { id, runId } = await dispatched();
    await report(id, 'completed', runId);
    await claimForLoad(deps.database.db, claim(runId));
    await cancelRun(tenantContext(deps), { connectorId: id, runId });
    await deps.database
      .sql`update etl.runner_jobs set lease_until = now() - interval '1 second' where id = ${runId}`;
    expect(await claimForLoad(deps.database.db, claim(runId))).toBeNull();
    await reapLost(deps);
    expect(await historyOf(deps, id)).toMatchObject([{ status: 'cancelled' }]);
  });
});

describe('one that cannot be helped', () => {
  test('a connector whose time zone is gone stops itself with the reason; all others are dispatched', async () => {
    const broken = await insertConnector(deps, { timezone: 'Mars/Olympus', nextRunAt: new Date(0) });
    const others = await Promise.all([insertConnector(deps), insertConnector(deps)]);
    await dispatchDue(deps);
    expect(await connectorRow(deps, broken.id)).toMatchObject({
      status: 'error',
      nextRunAt: null,
      lastError: expect.stringContaining('Mars/Olympus'),
    });
    expect(await runsOf(deps, broken.id)).toEqual([]);
    for (const { id } of others) expect(await runsOf(deps, id)).toHaveLength(1);
  });

  test('a run of such a connector still ends', async () => {
    const { id, runId } = await dispatched();
    await deps.database.sql`update etl.meltano_connectors set timezone = 'Mars/Olympus' where id = ${id}`;
    await report(id, 'failed', runId);
    expect(await historyOf(deps, id)).toMatchObject([{ status: 'failed' }]);
    expect(await connectorRow(deps, id)).toMatchObject({ status: 'error', nextRunAt: null });
  });

  test('a lost run that the database will not let go of does not keep the reaper from the next one', async () => {
    const [stuck, lost] = [await dispatched(), await dispatched()];
    await deps.database
      .sql`update etl.runner_jobs set status = 'running', lease_until = now() - interval '1 second'
      where id in (${stuck.runId}, ${lost.runId})`;
    await deps.database.sql.unsafe(`create function stuck() returns trigger language plpgsql as $$ begin raise 'stuck'; end $$;
      create trigger stuck before update on etl.runner_jobs for each row when (old.id = '${stuck.runId}') execute function stuck()`);
    await reapLost(deps);
    await deps.database.sql.unsafe('drop trigger stuck on etl.runner_jobs');
    expect((await runsOf(deps, lost.id))[0]).toMatchObject({ status: 'queued', leaseUntil: null });
    expect((await runsOf(deps, stuck.id))[0]).toMatchObject({ status: 'running' });
  });
});

test('a worker whose run was taken back reports nothing, though nobody has it yet', async () => {
  const { id, runId } = await dispatched();
  const run = await claimForTap(deps.database.db, claim(runId));
  await deps.database
    .sql`update etl.runner_jobs set lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(deps);
  await expect(report(id, 'failed', runId, run?.fence)).rejects.toMatchObject({ code: 'run.lease_lost' });
  expect(await runsOf(deps, id)).toMatchObject([{ status: 'queued', reportStatus: null }]);
});

test('workers that give a run back, as in a deploy, are not counted as lost, however many', async () => {
  const { id, runId } = await dispatched();
  for (let deploy = 0; deploy < 8; deploy++) {
    const run = await claimForTap(deps.database.db, claim(runId));
    await releaseRun(deps.database.db, { tenantId: 'acme', runId, fence: run?.fence ?? 0 }, 'queued', {
      streamStats: {},
      logTail: '',
    });
  }
  await claimForTap(deps.database.db, claim(runId));
  await deps.database
    .sql`update etl.runner_jobs set lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(deps);
  expect(await runsOf(deps, id)).toMatchObject([{ status: 'queued' }]);
});

test('a queue that forgot two thousand runs gets all of them back in one sweep', async () => {
  const { id: connectorId } = await insertConnector(deps, { nextRunAt: null, status: 'paused' });
  await deps.database.sql.unsafe(`alter table etl.runner_jobs disable trigger all;
    drop index etl.runner_jobs_one_unfinished;
    insert into etl.runner_jobs (id, tenant_id, connector_id, trigger, scheduled_for, created_at)
    select gen_random_uuid(), 'acme', '${connectorId}', 'schedule', now() - n * interval '1 minute', now() - interval '1 hour'
    from generate_series(1, 2000) n`);
  deps.jobs.length = 0;
  await sweepWaiting(deps);
  const waiting = new Set((await runsOf(deps, connectorId)).map(({ id }) => id));
  const swept = deps.jobs.filter(({ payload }) => waiting.has((payload as { runId: string }).runId));
  expect(swept).toHaveLength(2_000);
});
