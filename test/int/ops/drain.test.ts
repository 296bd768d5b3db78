import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { findFreePort } from '../../../src/embedded/free-port.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { createTestClient, type TestClient } from '../../harness/api-client.ts';
import { connectorRow, historyOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import { type OpenAiStub, startOpenAiStub } from '../../harness/openai-stub.ts';
import { isReady, type readyz, untilReadyz } from '../../harness/probes.ts';
import { type IvoryProcess, runIvory, startIvory } from '../../harness/processes.ts';
import { lockTable } from '../../harness/table-lock.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const CLI = fileURLToPath(new URL('../../../src/cli.ts', import.meta.url));

let ivory: Installation;
let stub: OpenAiStub;
let isHanging = true;
let client: TestClient;
let api: IvoryProcess;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis', leaseS: 60 });
  stub = await startOpenAiStub(() => (isHanging ? { hang: true } : { json: { mappings: [] } }));
  await runIvory(['catalog', 'add', '--tenant', 'acme', '--name', 'ivory-lakehouse'], ivory.environment);
  [api] = await Promise.all([ivory.start('api'), ivory.start('worker', 'scheduler')]);
  client = await clientOf(api);
});
afterAll(async () => {
  await ivory.close();
  await stub.close();
});

async function clientOf({ ready }: IvoryProcess): Promise<TestClient> {
  return createTestClient(ready, await runIvory(['token', '--tenant', 'acme'], ivory.environment));
}

/** A worker with the model, ended with the test. */
async function startWith(settings: Record<string, string>, ...args: string[]): Promise<IvoryProcess> {
  const model = { OPENAI_BASE_URL: stub.baseUrl, OPENAI_API_KEY: 'k' };
  const process = await startIvory(args, { ...ivory.environment, ...model, ...settings });
  onTestFinished(async () => void (await process.end('SIGKILL')));
  return process;
}

const isDraining = ({ status, body }: Awaited<ReturnType<typeof readyz>>) => status === 503 && body.draining;

test('a runner asked to stop is not ready at once, takes no other run, and lets its own end', async () => {
  const runner = await startWith({ DRAIN_S: '120' }, 'worker', 'runner');
  await untilReadyz(runner, 'is ready', isReady);
  const running = await ivory.connector({ rows: 10, gated: true });
  await ivory.dispatch(running);
  await until('the tap stands still', () => running.tapPids().length === 1);
  const ended = runner.end('SIGTERM');
  await untilReadyz(runner, 'is draining', isDraining);
  const waiting = await ivory.connector({ rows: 4 });
  await ivory.dispatch(waiting);
  await ivory.nudge('relay-outbox');
  running.openGate();
  expect(await ended).toBe(0);
  expect(await ivory.run(running)).toMatchObject({ status: 'loading' });
  expect((await ivory.run(waiting)).status).toBe('queued');

  const all = await ivory.start('worker', 'runner', 'transform');
  expect(await ivory.ended(running)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
  expect(await ivory.ended(waiting)).toMatchObject({ status: 'completed', rowsLoaded: 4 });
  expect(await all.end('SIGTERM')).toBe(0);
});

test('a transform worker asked to stop in the middle of a load hands it back in time, and another carries it on', async () => {
  const connector = await ivory.connector({ rows: 50 });
  const runner = await ivory.start('worker', 'runner');
  const transform = await startWith({ DRAIN_S: '6' }, 'worker', 'transform');
  const lock = await lockTable(ivory.deps.databaseUrl, 'etl.load_batches');
  await ivory.dispatch(connector);
  await lock.waitedFor();
  expect(await transform.end('SIGTERM')).toBe(0);
  await lock.release();
  await ivory.deps.database.sql`update etl.runner_jobs set lease_until = now() where status = 'loading'`;
  await ivory.start('worker', 'transform');
  expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 50 });
  expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
  expect(await connectorRow(ivory.deps, connector.id)).toMatchObject({ consecutiveFailures: 0 });
  expect(await ivory.loaded(connector)).toEqual({ rows: 50, ids: 50 });
  expect(await runner.end('SIGTERM')).toBe(0);
});

test('a mapping worker that waits for a model hands the question back, and another answers it', async () => {
  const connector = await ivory.connector({ rows: 1 });
  const mapping = await startWith({ DRAIN_S: '10' }, 'worker', 'mapping');
  isHanging = true;
  const asked = client.call<{ mapped: number }>('POST', `/v1/admin/connectors/${connector.id}/map-fields`, {
    source_stream: 's',
    source_schema: { Id: 'string' },
    target_schema: 'custom',
    target_table: 't',
    target_schema_def: { id: 'string' },
  });
  asked.catch(() => {});
  await until('the model is asked', () => stub.open() > 0);
  expect(await mapping.end('SIGTERM')).toBe(0);
  isHanging = false;
  await startWith({}, 'worker', 'mapping');
  expect((await asked).mapped).toBe(1);
});

test('an API asked to stop answers what is under way and its probes, and nothing else', async () => {
  const connector = await ivory.connector({ rows: 1 });
  const other = await startWith({ DRAIN_S: '120' }, 'api');
  const asked = (await clientOf(other)).call<{ mapped: number }>(
    'POST',
    `/v1/admin/connectors/${connector.id}/map-fields`,
    {
      source_stream: 'later',
      source_schema: { Id: 'string' },
      target_schema: 'custom',
      target_table: 't',
      target_schema_def: { id: 'string' },
    },
  );
  asked.catch(() => {});
  await until('it waits for a mapping worker', async () => {
    const [row] = await ivory.deps.database.sql<{ n: number }[]>`
      select count(*)::int as n from etl.mapping_jobs where connector_id = ${connector.id}`;
    return row?.n === 1;
  });
  const ended = other.end('SIGTERM');
  await untilReadyz(other, 'is draining', isDraining);
  const refused = await fetch(`${other.ready}/v1/admin/connectors`);
  expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
  expect(await refused.json()).toMatchObject({ code: 'api.stopping' });
  await startWith({}, 'worker', 'mapping');
  expect((await asked).mapped).toBe(1);
  expect(await ended).toBe(0);
});

test('a process that waits for its queue store while it starts ends when it is asked to', async () => {
  const environment = { ...ivory.environment, REDIS_URL: `redis://127.0.0.1:${await findFreePort()}` };
  const endOf = async (...args: string[]) => {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    const child = spawn(process.execPath, [CLI, ...args], { env });
    onTestFinished(() => void child.kill('SIGKILL'));
    let log = '';
    child.stderr.on('data', (text: Buffer) => {
      log += String(text);
    });
    const ended = once(child, 'exit');
    await until(`${args.join(' ')} waits`, () => log.includes('waiting for the queue store'));
    child.kill('SIGTERM');
    return ended;
  };
  const ends = await Promise.all([endOf('api'), endOf('worker', 'runner', 'mapping')]);
  expect(ends).toEqual([
    [0, null],
    [0, null],
  ]);
});

test('a second signal ends a process whose work does not end', async () => {
  const runner = await startWith({ DRAIN_S: '600' }, 'worker', 'runner');
  const connector = await ivory.connector({ rows: 10, gated: true, stubborn: true });
  await ivory.dispatch(connector);
  await until('the tap stands still', () => connector.tapPids().length === 1);
  let code: number | string | null = null;
  void runner.end('SIGTERM').then((ended) => {
    code = ended;
  });
  await untilReadyz(runner, 'is draining', isDraining);
  await until('it ends', () => {
    if (code === null) process.kill(runner.pid, 'SIGTERM');
    return code !== null;
  });
  expect(code).toBe(130);
});

test('after all this no job on any queue carries or says anything but ids', async () => {
  const store = await openQueueStore({
    redisUrl: ivory.redis?.url,
    databaseUrl: ivory.deps.databaseUrl,
  });
  onTestFinished(() => store.close());
  const states = ['waiting', 'active', 'delayed', 'completed', 'failed', 'prioritized'] as const;
  const found = await Promise.all(store.rawQueues().map((queue) => queue.getJobs([...states])));
  const jobs = found.flat();
  for (const name of ['dispatch-due', 'execute-run', 'load-run', 'propose-mappings'])
    expect(jobs.map((job) => job.name)).toContain(name);
  for (const { name, data, returnvalue, stacktrace } of jobs) {
    const isId = (value: unknown) => /^[0-9a-f-]{36}$/.test(String(value));
    expect([name, Object.values(data).every(isId), returnvalue ?? null]).toEqual([name, true, null]);
    expect((stacktrace ?? []).join()).not.toContain('    at ');
  }
});
