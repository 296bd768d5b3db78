import { afterEach, beforeEach, expect, test } from 'vitest';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { getRun } from '../../../src/services/runs/get.ts';
import { insertConnector, runsOf, tenantContext } from '../../harness/connectors.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';
import { until } from '../../harness/until.ts';

const START = Date.parse('2026-11-21T12:00:00Z');

let deps: TestDeps;
/** Seconds since START. */
let clock: number;
beforeEach(async () => {
  clock = 0;
  deps = await createTestDeps({ now: () => new Date(START + clock * 1_000) });
});
afterEach(() => deps.close());

async function queuedRun() {
  const connector = await insertConnector(deps);
  await dispatchDue(deps);
  const [run] = await runsOf(deps, connector.id);
  const runId = run?.id ?? '';
  const detail = () => getRun(tenantContext(deps), { connectorId: connector.id, runId });
  return { runId, detail, log: async () => (await detail()).run.logTail };
}

const execute = (runId: string, runner: ReturnType<typeof createScriptedRunner>) =>
  executeRun(
    { ...deps, runners: { custom: runner } },
    { runId, workerId: 'w', signal: new AbortController().signal },
  );

test('while a tap runs its run shows rows, bytes, rate and the current stream; at the end its totals', async () => {
  const { runId, detail } = await queuedRun();
  expect((await detail()).run.progress).toBeNull();
  const goOn = Promise.withResolvers<void>();
  const streams = { deals: { rows: 300, bytes: 9_000 }, people: { rows: 100, bytes: 1_000 } };
  const runner = createScriptedRunner(async (_spec, { progress }) => {
    clock = 2;
    progress({ deals: { rows: 300, bytes: 9_000 } });
    clock = 4;
    progress(streams);
    await goOn.promise;
    clock = 10;
    return { ...DONE, rowsWritten: 400, streams };
  });
  const executed = execute(runId, runner);
  const { progress, streamStats } = await until('progress is stored', async () => {
    const { run } = await detail();
    return run.progress && run;
  });
  expect(streamStats).toEqual(streams);
  expect(progress).toEqual({
    phase: 'staging',
    currentStream: 'people',
    rows: 400,
    bytes: 10_000,
    rowsPerS: 100,
    bytesPerS: 2_500,
    updatedAt: '2026-11-21T12:00:04.000Z',
  });
  goOn.resolve();
  await executed;
  expect((await detail()).run.progress).toMatchObject({ currentStream: null, rows: 400, rowsPerS: 40 });
});

test('the rate of a tap that stands still falls, without a word from it', async () => {
  const { runId, detail } = await queuedRun();
  const goOn = Promise.withResolvers<void>();
  const runner = createScriptedRunner(async (_spec, { progress }) => {
    clock = 1;
    progress({ deals: { rows: 300, bytes: 9_000 } });
    await goOn.promise;
    return DONE;
  });
  const executed = execute(runId, runner);
  const rate = async () => (await detail()).run.progress?.rowsPerS;
  await until('the rate is told', async () => (await rate()) === 300);
  clock = 60;
  await until('the rate is zero', async () => (await rate()) === 0);
  goOn.resolve();
  await executed;
});

test('the log says every ten seconds what is staged so far, and at the end what it came to', async () => {
  const { runId, log } = await queuedRun();
  const runner = createScriptedRunner(async (_spec, { progress }) => {
    for (clock = 1; clock <= 25; clock += 1) progress({ deals: { rows: clock * 100, bytes: clock * 1_000 } });
    return { ...DONE, rowsWritten: 2_500, streams: { deals: { rows: 2_500, bytes: 25_000 } } };
  });
  await execute(runId, runner);
  expect((await log()).match(/staged [\d,]+ rows.*/g)).toEqual([
    'staged 1,000 rows (10.0 kB) so far, 100 rows/s, now reading deals',
    'staged 2,000 rows (20.0 kB) so far, 100 rows/s, now reading deals',
    'staged 2,500 rows (25.0 kB) in 26 s, 96 rows/s',
  ]);
});

test('a tap that stages nothing has no progress and no line about it', async () => {
  const { runId, detail, log } = await queuedRun();
  const runner = createScriptedRunner(async () => {
    clock = 30;
    return { status: 'completed', rowsWritten: 0, state: null, streams: {} };
  });
  await execute(runId, runner);
  expect((await detail()).run.progress).toBeNull();
  expect(await log()).not.toMatch(/staged [\d,]+ rows/);
});
