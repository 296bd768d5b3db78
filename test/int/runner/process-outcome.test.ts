import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCustomRunner } from '../../../src/adapters/runner/custom/custom.ts';
import { createProcessHost } from '../../../src/adapters/runner/process/process-host.ts';
import type { Runner, RunSpec } from '../../../src/ports/runner.ts';
import { createTestDatabase, type TestDatabase } from '../../harness/database.ts';

const MB = 1024 ** 2;
const TAP = fileURLToPath(new URL('../../fixtures/taps/tap-greedy.mjs', import.meta.url));
const HOOKS = { log: () => {}, progress: () => {}, guardCommit: async () => {} };
const forever = new AbortController().signal;

let database: TestDatabase;
let runner: Runner;
beforeAll(async () => {
  database = await createTestDatabase();
  const limits = { memoryBytes: 300 * MB, cpuS: 3, diskBytes: 20 * MB };
  runner = createCustomRunner({
    host: createProcessHost({ limits, sandbox: 'auto' }),
    pool: database.database.pool,
    taps: new Map([['tap-greedy', { command: [process.execPath, TAP] as const, discover: false }]]),
    idleTimeoutMs: 60_000,
  });
});
afterAll(() => database.close());

const spec = (config: { mode: string; state: boolean }): RunSpec => ({
  tenantId: 'acme',
  connectorId: 'a1b2c3d4-0000-4000-8000-000000000000',
  sourceSystem: 'greedy',
  tapName: 'tap-greedy',
  tapVersion: null,
  meltanoEnvironment: 'prod',
  config,
  runId: 'b1b2c3d4-0000-4000-8000-000000000000',
  state: null,
  stagingSchema: `etl_staging_${config.mode}`,
  stagingSession: 'ivory test',
  loadId: 1,
});

const OUTCOMES = [
  ['memory', 'tap.memory_limit', /its memory reached \d+ MB, and it may use 300 MB\. Raise RUNNER_MEMORY_MB/],
  ['cpu', 'tap.cpu_limit', /it used [\d.]+ s of processor time, and may use 3 s\. Raise RUNNER_CPU_S/],
  ['disk', 'tap.disk_limit', /its files took [\d.]+ MB, and may take 20 MB\. Raise RUNNER_DISK_MB/],
  ['life', 'tap.killed', /SIGKILL \(exit code 137\), which Ivory did not send: .* of the 300 MB/],
] as const;

describe.each(OUTCOMES)('a tap that takes %s', (takes, errorCode, errorMsg) => {
  test('is a failed run that says what it took and what it may', async () => {
    const outcome = await runner.execute(spec({ mode: takes, state: false }), HOOKS, forever);
    expect(outcome).toMatchObject({
      status: 'failed',
      state: null,
      errorCode,
      errorMsg: expect.stringMatching(errorMsg),
    });
  });

  test('after a durable state is a partial one', async () => {
    const outcome = await runner.execute(spec({ mode: takes, state: true }), HOOKS, forever);
    expect(outcome).toMatchObject({ status: 'partial', rowsWritten: 2, state: '{"at":2}', errorCode });
  });
});

/** Two rows, then the end; what it leaves behind has nothing of it but its output. */
const LEAVES = `
echo '{"type":"SCHEMA","stream":"s","schema":{"properties":{"id":{"type":"integer"}}},"key_properties":["id"]}'
echo '{"type":"RECORD","stream":"s","record":{"id":1}}'
echo '{"type":"RECORD","stream":"s","record":{"id":2}}'
env -i setsid sh -c "setsid sh -c 'echo up > left; exec sleep 600' &"
until [ -s left ]; do :; done`;

test('a tap without a sandbox that leaves a process holding its output is a completed run with its rows', async () => {
  const limits = { memoryBytes: 300 * MB, cpuS: 60, diskBytes: 20 * MB };
  const leaving = createCustomRunner({
    host: createProcessHost({ limits, sandbox: 'off' }),
    pool: database.database.pool,
    taps: new Map([['tap-greedy', { command: ['/bin/sh', '-c', LEAVES] as const, discover: false }]]),
    idleTimeoutMs: 60_000,
  });
  const outcome = await leaving.execute(spec({ mode: 'leaves', state: false }), HOOKS, forever);
  expect(outcome).toMatchObject({ status: 'completed', rowsWritten: 2 });
});
