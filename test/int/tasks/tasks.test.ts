import { afterEach, beforeEach, expect, test } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import type { Runner } from '../../../src/ports/runner.ts';
import { askSource } from '../../../src/services/tasks/ask.ts';
import { getTask } from '../../../src/services/tasks/get.ts';
import { type RunTaskInput, runTask } from '../../../src/services/tasks/run.ts';
import { sweepTasks } from '../../../src/services/tasks/sweep.ts';
import { insertConnector, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner } from '../../harness/scripted-runner.ts';
import { until } from '../../harness/until.ts';

let deps: TestDeps;
beforeEach(async () => {
  deps = await createTestDeps();
});
afterEach(() => deps.close());

const running = new AbortController().signal;

async function asked() {
  const connector = await insertConnector(deps);
  const ctx = tenantContext(deps);
  const task = await askSource(ctx, { connectorId: connector.id, kind: 'check', waitMs: 0 });
  return {
    taskId: task.id,
    connector,
    latest: () => getTask(ctx, { connectorId: connector.id, taskId: task.id }),
  };
}

function work(
  taskId: string,
  check: Runner['check'],
  { leaseMs = 60_000, ...input }: Partial<RunTaskInput> & { leaseMs?: number } = {},
) {
  const runner = createScriptedRunner(() => Promise.reject(new Error('a check runs nothing')), { check });
  const settings = { ...deps.settings, leaseMs };
  return runTask(
    { ...deps, settings, runners: { custom: runner } },
    { taskId, workerId: 'w', signal: running, lastAttempt: false, ...input },
  );
}

/** A check that ends only when it is told to. */
function createEndlessCheck() {
  const begun = Promise.withResolvers<void>();
  const check: Runner['check'] = async (_spec, _hooks, signal) => {
    begun.resolve();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    throw signal.reason;
  };
  return { check, begun: begun.promise };
}

const good: Runner['check'] = async (_spec, { log }) => {
  log('asked\u0000');
  return { ok: true };
};

const expireLease = (taskId: string) =>
  deps.database
    .sql`update etl.connector_tasks set lease_until = now() - interval '1 second' where id = ${taskId}`;

test('a task is put on the queue by its id alone, and done by one of many workers', async () => {
  const { taskId, latest } = await asked();
  expect(deps.jobs).toEqual([{ name: 'run-task', payload: { taskId }, jobId: `task-${taskId}-0` }]);
  let done = 0;
  const counted: Runner['check'] = async (...args) => {
    done += 1;
    return good(...args);
  };
  await Promise.all([work(taskId, counted), work(taskId, counted), work(taskId, counted)]);
  await work(taskId, counted);
  expect(done).toBe(1);
  expect(await latest()).toMatchObject({
    status: 'done',
    result: { ok: true, logTail: 'asked' },
    leaseUntil: null,
  });
});

test('a source that does not answer in time is a result', async () => {
  const { taskId, latest } = await asked();
  await work(taskId, createEndlessCheck().check, { timeoutMs: 20 });
  expect(await latest()).toMatchObject({ status: 'done', result: { ok: false, errorCode: 'tap.timeout' } });
});

test('our own trouble gives the task back, and ends it as failed only at the last attempt, in no words of ours', async () => {
  const { taskId, latest } = await asked();
  const down: Runner['check'] = () => Promise.reject(new UnavailableError('db.down', 'postgres://x is down'));
  await expect(work(taskId, down)).rejects.toMatchObject({ code: 'db.down' });
  expect(await latest()).toMatchObject({ status: 'queued', leaseUntil: null });
  await work(taskId, down, { lastAttempt: true });
  const task = await latest();
  expect(task).toMatchObject({ status: 'failed', errorCode: 'db.down', result: null });
  expect(task.errorMsg).not.toContain('postgres');
});

test('a worker that shuts down hands the task back, also at the last attempt', async () => {
  const { taskId, latest } = await asked();
  const shutdown = new AbortController();
  const { check, begun } = createEndlessCheck();
  const working = work(taskId, check, { signal: shutdown.signal, lastAttempt: true });
  await begun;
  shutdown.abort();
  await expect(working).rejects.toThrow();
  expect(await latest()).toMatchObject({ status: 'queued', leaseUntil: null });
});

test('a worker that was taken for dead writes nothing', async () => {
  const { taskId, latest } = await asked();
  const { check, begun } = createEndlessCheck();
  const zombie = work(taskId, check, { leaseMs: 200 });
  await begun;
  // its heartbeat may renew the lease once more before the other looks
  await until('another worker has taken the task', async () => {
    await expireLease(taskId);
    await work(taskId, good, { workerId: 'other' });
    return (await latest()).attempt === 2;
  });
  await zombie;
  expect(await latest()).toMatchObject({ status: 'done', attempt: 2, result: { ok: true } });
});

test('a task whose connector is deleted stops its tap and leaves nothing', async () => {
  const { taskId, connector, latest } = await asked();
  const { check, begun } = createEndlessCheck();
  const working = work(taskId, check, { leaseMs: 200 });
  await begun;
  await deps.database.sql`delete from etl.meltano_connectors where id = ${connector.id}`;
  await working;
  await expect(latest()).rejects.toMatchObject({ code: 'connector.not_found' });
});

test('a task that waits on no queue is enqueued again; one just asked is left alone', async () => {
  const { taskId } = await asked();
  deps.jobs.length = 0;
  expect(await sweepTasks(deps)).toBe(0);
  await deps.database
    .sql`update etl.connector_tasks set created_at = now() - interval '1 minute' where id = ${taskId}`;
  await sweepTasks(deps);
  await sweepTasks(deps);
  expect(deps.jobs).toEqual([
    {
      name: 'run-task',
      payload: { taskId },
      jobId: `task-${taskId}-0`,
    },
  ]);
});

test('a task that loses its worker is taken back, and after three ended as failed', async () => {
  const { taskId, latest } = await asked();
  await deps.database.sql`
    update etl.connector_tasks set status = 'running', attempt = 2, lease_until = now() - interval '1 second',
      created_at = now() - interval '1 minute' where id = ${taskId}`;
  await sweepTasks(deps);
  expect(await latest()).toMatchObject({ status: 'queued', leaseUntil: null });
  expect(deps.jobs.at(-1)?.jobId).toBe(`task-${taskId}-2`);
  await deps.database.sql`
    update etl.connector_tasks set status = 'running', attempt = 3, lease_until = now() - interval '1 second' where id = ${taskId}`;
  await sweepTasks(deps);
  expect(await latest()).toMatchObject({ status: 'failed', errorCode: 'task.worker_lost' });
});

test('of many who ask at once all get the same task', async () => {
  const { id } = await insertConnector(deps);
  const tasks = await Promise.all(
    Array.from({ length: 8 }, () =>
      askSource(tenantContext(deps), { connectorId: id, kind: 'discover', waitMs: 0 }),
    ),
  );
  expect(new Set(tasks.map((task) => task.id)).size).toBe(1);
  expect(deps.jobs).toHaveLength(1);
});

test('tasks that ended long ago go when the next is asked', async () => {
  const { taskId, connector, latest } = await asked();
  await work(taskId, good);
  await deps.database
    .sql`update etl.connector_tasks set finished_at = now() - interval '8 days' where id = ${taskId}`;
  await askSource(tenantContext(deps), { connectorId: connector.id, kind: 'check', waitMs: 0 });
  await expect(latest()).rejects.toMatchObject({ code: 'task.not_found' });
});

test('one tenant has five under way at most, and another is not held up by them', async () => {
  const ask = async (tenantId: string) => {
    const { id } = await insertConnector(deps, { tenantId });
    return askSource(tenantContext(deps, tenantId), { connectorId: id, kind: 'check', waitMs: 0 });
  };
  const [first] = await Promise.all(Array.from({ length: 5 }, () => ask('acme')));
  await expect(ask('acme')).rejects.toMatchObject({ code: 'task.too_many' });
  expect(await ask('rival')).toMatchObject({ status: 'queued' });
  await work(first?.id ?? '', good);
  expect(await ask('acme')).toMatchObject({ status: 'queued' });
  expect(deps.jobs).toHaveLength(7);
});

test('an error nobody foresaw ends a task with its last delivery, without its words', async () => {
  const { taskId, latest } = await asked();
  const bug: Runner['check'] = () => Promise.reject(new TypeError('token sesame of undefined'));
  await expect(work(taskId, bug)).rejects.toThrow('sesame');
  expect(await latest()).toMatchObject({ status: 'queued' });
  await work(taskId, bug, { lastAttempt: true });
  const task = await latest();
  expect(task).toMatchObject({ status: 'failed', errorCode: 'task.failed' });
  expect(task.errorMsg).not.toContain('sesame');
});
