import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { runsOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import { lockTable } from '../../harness/table-lock.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

let ivory: Installation;
beforeAll(async () => {
  ivory = await openInstallation({ queues: 'redis' });
});
afterAll(() => ivory.close());

test('a scheduler killed while it dispatches leaves nothing half done: the next one makes each run once', async () => {
  const connectors = await Promise.all(Array.from({ length: 6 }, () => ivory.connector({ rows: 4 })));
  const lock = await lockTable(ivory.deps.databaseUrl, 'etl.outbox');
  const scheduler = await ivory.start('worker', 'scheduler');
  await lock.waitedFor();
  await scheduler.end('SIGKILL');
  await lock.release();

  await ivory.start('worker', 'scheduler', 'runner', 'transform');
  for (const connector of connectors) {
    expect(await ivory.ended(connector)).toMatchObject({
      status: 'completed',
      trigger: 'schedule',
      rowsLoaded: 4,
    });
    expect(await runsOf(ivory.deps, connector.id)).toHaveLength(1);
  }
});
