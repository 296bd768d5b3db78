import { afterAll, beforeAll, expect, test } from 'vitest';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { sweepWaiting } from '../../../src/services/runs/sweep-waiting.ts';
import { historyOf, insertConnector, runsOf } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';

let deps: TestDeps;
beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.close());

const waitedAMinute = (runId: string | undefined) =>
  deps.database
    .sql`update etl.runner_jobs set created_at = now() - interval '1 minute' where id = ${runId ?? ''}`;

async function dispatched() {
  const connector = await insertConnector(deps);
  await dispatchDue(deps);
  const [run] = await runsOf(deps, connector.id);
  deps.jobs.length = 0;
  return { connector, runId: run?.id ?? '' };
}

test('a queued run whose job was lost with the queue is enqueued again', async () => {
  const { runId } = await dispatched();
  await waitedAMinute(runId);
  await sweepWaiting(deps);
  expect(deps.jobs).toMatchObject([{ name: 'execute-run', payload: { runId } }]);
});

test('a run that has just been queued is left to its own job', async () => {
  const { runId } = await dispatched();
  await sweepWaiting(deps);
  expect(deps.jobs.filter((job) => JSON.stringify(job.payload).includes(runId))).toEqual([]);
});

test('sweeping twice in a row adds a job once', async () => {
  const { runId } = await dispatched();
  await waitedAMinute(runId);
  await sweepWaiting(deps);
  await sweepWaiting(deps);
  expect(deps.jobs.filter((job) => JSON.stringify(job.payload).includes(runId))).toHaveLength(1);
});

test('a loading run whose worker is gone goes back to the transform queue', async () => {
  const { runId } = await dispatched();
  await deps.database.sql`
    update etl.runner_jobs set status = 'loading', fence = 4, lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(deps);
  expect(deps.jobs).toContainEqual({ name: 'load-run', payload: { runId }, jobId: `load-${runId}-4` });
});

test('a cancelled run that nobody holds ends', async () => {
  const { runId, connector } = await dispatched();
  await deps.database.sql`update etl.runner_jobs set cancel_requested_at = now() where id = ${runId}`;
  await reapLost(deps);
  expect(await historyOf(deps, connector.id)).toMatchObject([{ status: 'cancelled', rowsSynced: 0 }]);
});
