import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { openDatabase } from '../../../src/db/client.ts';
import { migrateDatabase } from '../../../src/db/migrate.ts';
import { startPostgres } from '../../../src/embedded/postgres.ts';
import { isAlive } from '../../../src/embedded/process-identity.ts';
import { historyOf } from '../../harness/connectors.ts';
import { createTestDeps } from '../../harness/context.ts';
import { openInstallation } from '../../harness/installation.ts';
import { redisUrl } from '../../harness/redis.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

const STORES = redisUrl() === null ? (['postgres'] as const) : (['redis', 'postgres'] as const);

describe.each(STORES)('Postgres restarted under everything, queues on %s', (queues) => {
  test('ends no process and loses no run: one that was in its tap is carried on, the next one as well', async () => {
    const postgres = await ownPostgres();
    const ivory = await openInstallation({ queues, deps: postgres.deps });
    onTestFinished(async () => {
      await ivory.close();
      await postgres.close();
    });
    const fleet = await Promise.all([
      ivory.start('api'),
      ivory.start('worker', 'scheduler', 'runner', 'transform'),
    ]);
    const connector = await ivory.connector({ rows: 100, gated: true });
    const waiting = await ivory.connector({ rows: 4 }, { nextRunAt: new Date(Date.now() + 3_600_000) });
    await ivory.dispatch(connector);
    await until('the tap stands still', () => connector.tapPids().length === 1);

    await postgres.restart();
    connector.openGate();
    expect(await ivory.ended(connector, 20_000)).toMatchObject({ status: 'completed', rowsLoaded: 100 });
    expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
    expect(await ivory.loaded(connector)).toEqual({ rows: 100, ids: 100 });
    await ivory.deps.database
      .sql`update etl.meltano_connectors set next_run_at = now() where id = ${waiting.id}`;
    await ivory.nudge('dispatch-due');
    await until('the next run began', async () => (await historyOf(ivory.deps, waiting.id)).length === 1);
    expect(await ivory.ended(waiting)).toMatchObject({ status: 'completed', rowsLoaded: 4 });
    expect(fleet.map(({ pid }) => isAlive(pid))).toEqual([true, true]);
    const [api] = fleet;
    await until('the API is ready again', async () => (await fetch(`${api.ready}/readyz`)).status === 200);
  });
});

/** A server of this test's own, with deps on it. */
async function ownPostgres() {
  const dataDir = mkdtempSync(join(tmpdir(), 'ivory-restart-'));
  const options = { dataDir, settings: { fsync: 'off' }, sync: false };
  let server = await startPostgres(options);
  await migrateDatabase(server.url);
  const unused = await createTestDeps();
  await unused.close();
  const database = openDatabase(server.url);
  const deps = { ...unused, database, databaseUrl: server.url, close: () => database.close() };
  return {
    deps,
    async restart() {
      await server.stop();
      server = await startPostgres(options);
    },
    async close() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
