import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Deps } from '../../../src/context.ts';
import { sealConfig } from '../../../src/domain/config-envelope.ts';
import { InvalidError, LostLeaseError, UnavailableError } from '../../../src/errors.ts';
import type { RunOutcome, RunSpec } from '../../../src/ports/runner.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import {
  type ConnectorValues,
  connectorRow,
  historyOf,
  insertConnector,
  runsOf,
} from '../../harness/connectors.ts';
import { createTestDeps, TEST_CONFIG_KEY, type TestDeps } from '../../harness/context.ts';
import { createEndlessRunner, createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';

let deps: TestDeps;
beforeEach(async () => {
  deps = await createTestDeps();
});
afterEach(() => deps.close());

const running = new AbortController().signal;

async function queuedRun(values: Partial<ConnectorValues> = {}) {
  const connector = await insertConnector(deps, values);
  await dispatchDue(deps);
  const [run] = await runsOf(deps, connector.id);
  return { connector, runId: run?.id ?? '', latest: async () => (await runsOf(deps, connector.id))[0] };
}

function execute(
  runId: string,
  runner: Deps['runners']['custom'],
  options: { signal?: AbortSignal; leaseMs?: number } = {},
) {
  const settings = { ...deps.settings, leaseMs: options.leaseMs ?? deps.settings.leaseMs };
  return executeRun(
    { ...deps, settings, runners: { custom: runner } },
    { runId, workerId: 'w', signal: options.signal ?? running },
  );
}

test('a tap gets the decrypted config, the saved state, its staging schema and load id', async () => {
  const config = { token: 'sesame' };
  const { runId, connector, latest } = await queuedRun({
    configEncrypted: sealConfig(TEST_CONFIG_KEY, config),
    tapState: '{"id":9007199254740993}',
  });
  const specs: RunSpec[] = [];
  await execute(
    runId,
    createScriptedRunner(async (spec) => {
      specs.push(spec);
      return DONE;
    }),
  );
  const run = await latest();
  expect(specs).toMatchObject([
    { config, state: '{"id":9007199254740993}', stagingSchema: connector.stagingSchema, loadId: run?.loadId },
  ]);
  expect(run).toMatchObject({
    status: 'loading',
    rowsWritten: 3,
    reportedState: '{"a":1}',
    streamStats: DONE.streams,
  });
});

test('a config sealed with another key fails the run once, with a code that says so, and starts no tap', async () => {
  const { runId, connector } = await queuedRun({ configEncrypted: sealConfig(Buffer.alloc(32, 9), {}) });
  await execute(
    runId,
    createScriptedRunner(() => Promise.reject(new Error('the tap was started'))),
  );
  expect(await historyOf(deps, connector.id)).toMatchObject([
    { status: 'failed', errorCode: 'config.wrong_key' },
  ]);
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 1 });
});

test('two workers given the same run: one carries it', async () => {
  const { runId } = await queuedRun();
  let carried = 0;
  const runner = createScriptedRunner(async () => {
    carried += 1;
    return DONE;
  });
  await Promise.all([execute(runId, runner), execute(runId, runner), execute(runId, runner)]);
  expect(carried).toBe(1);
});

test('when our own infrastructure fails, the run is given back and not counted', async () => {
  const { runId, connector, latest } = await queuedRun();
  const down = createScriptedRunner(() =>
    Promise.reject(new UnavailableError('db.down', 'Postgres is down.')),
  );
  await expect(execute(runId, down)).rejects.toMatchObject({ code: 'db.down' });
  expect(await latest()).toMatchObject({ status: 'queued', leaseUntil: null });
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 0 });
  await execute(
    runId,
    createScriptedRunner(async () => DONE),
  );
  expect(await latest()).toMatchObject({ status: 'loading', fence: 3 });
});

const bug = createScriptedRunner(() => Promise.reject(new TypeError('token sesame of undefined')));

test('an error nobody foresaw is tried three times in all, then fails the run without its words and counts', async () => {
  const { runId, connector, latest } = await queuedRun();
  await expect(execute(runId, bug)).rejects.toThrow('sesame');
  expect(await latest()).toMatchObject({ status: 'queued', leaseUntil: null, attempt: 1 });
  await expect(execute(runId, bug)).rejects.toThrow('sesame');
  await execute(runId, bug);
  const [ended] = await historyOf(deps, connector.id);
  expect(ended).toMatchObject({ status: 'failed', errorCode: 'run.internal' });
  expect(ended?.errorMsg).toContain("3 times, last for an error of Ivory's own (TypeError)");
  expect((await latest())?.logTail).not.toContain('sesame');
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 1 });
});

test.each([
  ['a server that stops', Object.assign(new Error('terminating'), { code: '57P01' })],
  [
    'a connection refused',
    new Error('query', { cause: Object.assign(new Error(), { code: 'ECONNREFUSED' }) }),
  ],
  ['a connection that ended', new Error('Connection terminated unexpectedly')],
])('%s is tried for as long as it lasts', async (_what, error) => {
  const { runId, latest } = await queuedRun();
  const away = createScriptedRunner(() => Promise.reject(error));
  for (let attempt = 0; attempt < 5; attempt++) await expect(execute(runId, away)).rejects.toBe(error);
  expect(await latest()).toMatchObject({ status: 'queued', attempt: 0 });
});

test('a refusal thrown while the tap ran ends the run with its own words, at once', async () => {
  const { runId, connector } = await queuedRun();
  const refusing = createScriptedRunner(() => Promise.reject(new InvalidError('tap.odd', 'It is odd.')));
  await execute(runId, refusing);
  expect(await historyOf(deps, connector.id)).toMatchObject([
    { status: 'failed', errorCode: 'tap.odd', errorMsg: 'It is odd.' },
  ]);
});

test('a runner without its sandbox fails the run and is not counted against the source; its attempt stays told', async () => {
  const { runId, connector, latest } = await queuedRun();
  const errorCode = 'runner.no_sandbox';
  const refused: RunOutcome = {
    status: 'failed',
    rowsWritten: 0,
    state: null,
    streams: {},
    errorCode,
    errorMsg: 'none',
  };
  await execute(
    runId,
    createScriptedRunner(async () => refused),
  );
  expect(await historyOf(deps, connector.id)).toMatchObject([{ status: 'failed', errorCode }]);
  expect(await latest()).toMatchObject({ attempt: 1 });
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 0 });
});

test('a worker told to shut down stops its tap and hands the run back', async () => {
  const { runId, latest } = await queuedRun();
  const { runner, begun, stopped } = createEndlessRunner();
  const shutdown = new AbortController();
  const work = execute(runId, runner, { signal: shutdown.signal });
  await begun;
  shutdown.abort();
  await expect(work).rejects.toThrow('shutdown');
  await stopped;
  expect(await latest()).toMatchObject({ status: 'queued' });
});

test('a run that is cancelled stops its tap, is not retried and not counted', async () => {
  const { runId, connector } = await queuedRun();
  const { runner, begun } = createEndlessRunner();
  const work = execute(runId, runner, { leaseMs: 200 });
  await begun;
  await deps.database.sql`update etl.runner_jobs set cancel_requested_at = now() where id = ${runId}`;
  await work;
  expect(await historyOf(deps, connector.id)).toMatchObject([
    { status: 'cancelled', errorCode: 'run.cancelled' },
  ]);
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 0 });
});

test('a run that takes too long is stopped and fails', async () => {
  const { runId, connector } = await queuedRun();
  const { runner } = createEndlessRunner();
  const settings = { ...deps.settings, runTimeoutMs: 50 };
  await executeRun(
    { ...deps, settings, runners: { custom: runner } },
    { runId, workerId: 'w', signal: running },
  );
  expect(await historyOf(deps, connector.id)).toMatchObject([{ status: 'failed', errorCode: 'run.timeout' }]);
});

test('a worker that was taken for dead stops, commits nothing and reports nothing', async () => {
  const { runId, latest } = await queuedRun();
  const proofs: unknown[] = [];
  const begun = Promise.withResolvers<void>();
  const zombie = createScriptedRunner(async (_spec, hooks, signal) => {
    begun.resolve();
    await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    const query = (text: string, values: unknown[]) => deps.database.sql.unsafe(text, values as string[]);
    await hooks.guardCommit(query).catch((error: unknown) => proofs.push(error));
    return DONE;
  });
  const work = execute(runId, zombie, { leaseMs: 400 });
  await begun.promise;
  await deps.database
    .sql`update etl.runner_jobs set lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(deps);
  await work;
  expect(proofs).toMatchObject([expect.any(LostLeaseError)]);
  expect(await latest()).toMatchObject({ status: 'queued', reportStatus: null });
});

test('a run that loses its worker five times fails and says so, and the breaker does not count it', async () => {
  const { runId, connector } = await queuedRun();
  await deps.database.sql`
    update etl.runner_jobs set status = 'running', attempt = 5, lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(deps);
  expect(await historyOf(deps, connector.id)).toMatchObject([
    { status: 'failed', errorCode: 'run.worker_lost' },
  ]);
  expect(await connectorRow(deps, connector.id)).toMatchObject({ consecutiveFailures: 0, status: 'active' });
});

test('the open transaction of a worker taken for dead does not hold its tables against the next attempt', async () => {
  const { runId, latest } = await queuedRun();
  const frozen = await deps.database.pool.connect();
  await frozen.query(`set application_name = 'ivory run ${runId}'`);
  await frozen.query('begin; lock table etl.outbox in access exclusive mode');
  await deps.database.sql`
    update etl.runner_jobs set status = 'running', fence = 1, lease_until = now() - interval '1 second' where id = ${runId}`;
  await execute(
    runId,
    createScriptedRunner(async () => DONE),
  );
  expect(await latest()).toMatchObject({ status: 'loading' });
  await expect(frozen.query('commit')).rejects.toThrow();
  frozen.release(true);
});
