import { expect, test } from 'vitest';
import { UnavailableError } from '../../../src/errors.ts';
import { dispatchDue } from '../../../src/services/runs/dispatch-due.ts';
import { executeRun } from '../../../src/services/runs/execute.ts';
import { loadRun } from '../../../src/services/runs/load.ts';
import { reapLost } from '../../../src/services/runs/reap-lost.ts';
import { insertConnector, runsOf } from '../../harness/connectors.ts';
import { createScriptedRunner, DONE } from '../../harness/scripted-runner.ts';
import { createStaged, mapField, startRun } from '../load/fixtures.ts';
import { FIELDS, useLoading } from '../load/loading.ts';

const it = useLoading();
const signal = new AbortController().signal;
const OWN = /^\[ivory \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\] /;

/** The log without its clock, nor how long it took. */
async function storyOf(connectorId: string): Promise<string[]> {
  const run = (await runsOf(it.deps, connectorId)).at(-1);
  const lines = (run?.logTail ?? '').split('\n');
  expect(run?.logLines).toBe(lines.length);
  return lines.map((line) => line.replace(OWN, '* ').replace(/ in \d+ s, [\d,]+ rows\/s$/, ' in TIME'));
}

async function queued() {
  const connector = await insertConnector(it.deps);
  await dispatchDue(it.deps);
  const [run] = await runsOf(it.deps, connector.id);
  return { connectorId: connector.id, runId: run?.id ?? '' };
}

const executeWith = (runId: string, runner: ReturnType<typeof createScriptedRunner>) =>
  executeRun({ ...it.deps, runners: { custom: runner } }, { runId, workerId: 'w', signal });

test('the log tells every attempt, what the tap said, and why the run failed', async () => {
  const { connectorId, runId } = await queued();
  const down = createScriptedRunner(async (_spec, { log }) => {
    log('connecting\0 to the source');
    throw new UnavailableError('staging.unavailable', 'Postgres is away');
  });
  await expect(executeWith(runId, down)).rejects.toThrow('Postgres is away');
  const failing = createScriptedRunner(async (_spec, { log }) => {
    log('connecting again');
    return {
      status: 'failed',
      rowsWritten: 0,
      state: null,
      streams: {},
      errorCode: 'tap.exit',
      errorMsg: 'The tap ended with exit code 1:\nwrong password',
    };
  });
  await executeWith(runId, failing);
  expect(await storyOf(connectorId)).toEqual([
    '* attempt 1 started: tap-test, trigger schedule',
    'connecting to the source',
    '* something of ours did not answer; the run waits for another try',
    '* attempt 1 started: tap-test, trigger schedule',
    'connecting again',
    '* reported failed, 0 rows staged',
    '* the run ended: failed (tap.exit) The tap ended with exit code 1: wrong password',
  ]);
});

test('how taps run here is told in the log of every run, where there is something to tell', async () => {
  const { connectorId, runId } = await queued();
  const runner = createScriptedRunner(async () => DONE);
  await executeWith(runId, { ...runner, caution: () => 'runs without a sandbox' });
  expect((await storyOf(connectorId)).slice(0, 2)).toEqual([
    '* attempt 1 started: tap-test, trigger schedule',
    '* runs without a sandbox',
  ]);
});

test('a worker that was lost is told by who took the run back', async () => {
  const { connectorId, runId } = await queued();
  await it.deps.database.sql`update etl.runner_jobs set status = 'running', fence = 1, attempt = 1,
    lease_until = now() - interval '1 second' where id = ${runId}`;
  await reapLost(it.deps);
  const done = createScriptedRunner(async () => DONE);
  await executeWith(runId, done);
  expect(await storyOf(connectorId)).toEqual([
    '* the worker was lost; the run waits for another one',
    '* attempt 2 started: tap-test, trigger schedule',
    '* staged s: 3 rows',
    '* staged 3 rows (30 B) in TIME',
    '* reported completed, 3 rows staged',
  ]);
});

test('the load says what became of every table, and which fields never came', async () => {
  const at = await createStaged(it.deps.database.sql, it.connector, 'deals', FIELDS);
  await it.mapDeals();
  await mapField(it.deps, it.connector, { sourceField: 'fax', targetColumn: 'fax' });
  const { runId, loadId } = await startRun(it.deps, it.connector);
  await it.stage(at, 1, 20, loadId);
  await loadRun(it.deps, { runId, workerId: 'w', signal, lastAttempt: true });
  expect(await storyOf(it.connector.id)).toEqual([
    '* loading',
    `* loaded ivory_tenant_acme.${it.destination} from deals: 20 read, 18 loaded, 2 rejected; never delivered: fax`,
    '* 20 rows taken from staging in TIME',
    '* the run ended: completed',
  ]);
  const [run] = await runsOf(it.deps, it.connector.id);
  expect(run?.tableStats).toMatchObject([{ read: 20, loaded: 18, rejected: 2 }]);
  expect(run?.progress).toMatchObject({ phase: 'loading', rows: 20, bytes: null, currentStream: null });
});
