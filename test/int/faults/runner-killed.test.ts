import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { isAlive } from '../../../src/embedded/process-identity.ts';
import { connectorRow, historyOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation, type ScriptedConnector } from '../../harness/installation.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

let ivory: Installation;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis' });
  await ivory.start('worker', 'scheduler', 'transform');
});
afterAll(() => ivory.close());

/** More than one batch of the loader: the killed worker leaves rows behind. */
const ROWS = 120_000;

function stagedRows({ deps }: Installation, { stagingSchema }: ScriptedConnector): Promise<number> {
  return deps.database.sql
    .unsafe(`select count(*)::int as n from "${stagingSchema}".s`)
    .then(([row]) => row?.['n'] ?? 0)
    .catch(() => 0);
}

test('a runner killed in the middle of a tap: the tap dies with it, the run is taken back and every row arrives once', async () => {
  const runner = await ivory.start('worker', 'runner');
  const connector = await ivory.connector({ rows: ROWS, gated: true, grandchild: true });
  await ivory.dispatch(connector);
  await until('the tap stands still and rows are staged', async () => {
    return connector.tapPids().length === 2 && (await stagedRows(ivory, connector)) > 0;
  });
  await runner.end('SIGKILL');
  await until('tap and grandchild are gone', () => !connector.tapPids().some(isAlive), 3_000);
  await until('nor is its config left on disk', async () => (await runFolders()).length === 0, 3_000);

  connector.openGate();
  await ivory.start('worker', 'runner');
  expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: ROWS });
  expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
  expect(await ivory.loaded(connector)).toEqual({ rows: ROWS, ids: ROWS });
  expect(await connectorRow(ivory.deps, connector.id)).toMatchObject({
    consecutiveFailures: 0,
    tapState: `{"at":${ROWS}}`,
    stateVersion: 1,
  });
});

async function runFolders(): Promise<string[]> {
  return (await readdir(ivory.environment['TMPDIR'] ?? '')).filter((name) => name.startsWith('ivory-run-'));
}
