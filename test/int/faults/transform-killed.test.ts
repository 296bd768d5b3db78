import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connectorRow, historyOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import { lockTable } from '../../harness/table-lock.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

let ivory: Installation;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis' });
  await ivory.start('worker', 'scheduler', 'runner');
});
afterAll(() => ivory.close());

test.each([
  { moment: 'before the rows are in the lakehouse', table: 'etl.load_batches' },
  { moment: 'between the lakehouse and the history', table: 'etl.sync_runs' },
])(
  'a transform worker killed $moment: another one ends the run, and rows that are appended arrive once',
  async ({ table }) => {
    const connector = await ivory.connector({ rows: 2_000 }, { loadMode: 'append' });
    const transform = await ivory.start('worker', 'transform');
    const lock = await lockTable(ivory.deps.databaseUrl, table);
    await ivory.dispatch(connector);
    await lock.waitedFor();
    await transform.end('SIGKILL');
    await lock.release();

    const another = await ivory.start('worker', 'transform');
    expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 2_000 });
    expect(await ivory.loaded(connector)).toEqual({ rows: 2_000, ids: 2_000 });
    expect(await connectorRow(ivory.deps, connector.id)).toMatchObject({
      rowsTotal: 2_000,
      stateVersion: 1,
      consecutiveFailures: 0,
    });
    await another.end();
  },
);

test('a load that kills each of its workers is given up after five, and the breaker does not count it', async () => {
  const connector = await ivory.connector({ rows: 10 });
  await ivory.dispatch(connector);
  const loading = () => ivory.run(connector).then((run) => (run.status === 'loading' ? run : null));
  const { id } = await until('the tap has ended', loading);
  await ivory.deps.database.sql`
    update etl.runner_jobs set attempt = 5, lease_until = now() - interval '1 second' where id = ${id}`;
  expect(await ivory.ended(connector)).toMatchObject({ status: 'failed', errorCode: 'run.worker_lost' });
  expect(await connectorRow(ivory.deps, connector.id)).toMatchObject({
    consecutiveFailures: 0,
    status: 'active',
  });
  expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
});
