import { rename } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { isAlive } from '../../../src/embedded/process-identity.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import { type OwnPostgres, startOwnPostgres } from '../../harness/own-postgres.ts';
import { healthz, isReady, isWithout, probeUrl, type readyz, untilReadyz } from '../../harness/probes.ts';
import type { IvoryProcess } from '../../harness/processes.ts';
import { redisUrl } from '../../harness/redis.ts';
import { type RedisServer, startRedis } from '../../harness/redis-server.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const ROLES = ['api', 'scheduler', 'runner', 'transform', 'mapping'] as const;
const USES_LAKEHOUSE: readonly string[] = ['api', 'transform'];

/** What each shows beyond the database and the queue. */
const SHOWN: Record<(typeof ROLES)[number], string[]> = {
  api: ['lakehouse'],
  scheduler: ['worker_scheduler'],
  runner: ['work_folder', 'sandbox', 'worker_runner'],
  transform: ['lakehouse', 'expressions', 'worker_transform'],
  mapping: ['worker_mapping'],
};

describe.skipIf(redisUrl() === null)('a process of each role', () => {
  let postgres: OwnPostgres;
  let ivory: Installation;
  let redis: RedisServer | null;
  let fleet: IvoryProcess[];
  beforeAll(async () => {
    postgres = await startOwnPostgres();
    ivory = await openInstallation({ queues: 'redis', deps: postgres.deps });
    redis = ivory.redis;
    fleet = await Promise.all(
      ROLES.map((role) => ivory.start(...(role === 'api' ? [role] : ['worker', role]))),
    );
  });
  afterAll(async () => {
    if (redis && isAlive(redis.pid)) process.kill(redis.pid, 'SIGCONT');
    postgres.thaw();
    await ivory.close();
    await redis?.stop();
    await postgres.close();
  });

  const all = (what: string, isWanted: Parameters<typeof untilReadyz>[2], of = fleet) =>
    Promise.all(of.map((process) => untilReadyz(process, what, isWanted)));
  const allAlive = async () => expect(await Promise.all(fleet.map(healthz))).toEqual(fleet.map(() => 200));

  test('is ready, and shows what it needs and no more', async () => {
    const probes = await all('is ready', isReady);
    for (const [at, role] of ROLES.entries()) {
      const shown = Object.keys(probes[at]?.body.dependencies ?? {});
      expect(shown.sort()).toEqual(['database', 'queue', 'event_loop', ...SHOWN[role]].sort());
    }
    await allAlive();
  });

  test('answers nothing but probes, to reading only', async () => {
    for (const worker of fleet.slice(1)) {
      const at = (path: string, method = 'GET') => fetch(`${probeUrl(worker)}${path}`, { method });
      expect((await at('/readyz?verbose')).status).toBe(200);
      expect([(await at('/')).status, (await at('/toString')).status]).toEqual([404, 404]);
      expect([(await at('/readyz', 'POST')).status, (await at('/healthz', 'DELETE')).status]).toEqual([
        405, 405,
      ]);
      expect((await at('/metrics')).headers.get('content-type')).toContain('text/plain');
      const head = await at('/healthz', 'HEAD');
      expect([head.status, await head.text()]).toEqual([200, '']);
    }
  });

  test('is not ready while its stores stand still, lives on, and is ready again when they go on', async () => {
    process.kill(redis?.pid ?? 0, 'SIGSTOP');
    postgres.freeze();
    await all('is without its queue', isWithout('queue'));
    await all('is without its database', isWithout('database'));
    await all(
      'is without its lakehouse, which is the same server',
      isWithout('lakehouse'),
      fleet.filter((_, at) => USES_LAKEHOUSE.includes(ROLES[at] ?? '')),
    );
    await allAlive();
    process.kill(redis?.pid ?? 0, 'SIGCONT');
    postgres.thaw();
    await all('is ready again', isReady);
  });

  test('the same while they are gone; then it works as before', async () => {
    await Promise.all([redis?.stop(), postgres.stop()]);
    await all('is without its queue', isWithout('queue'));
    await all('is without its database', isWithout('database'));
    await allAlive();
    redis = await startRedis({ port: redis?.port ?? 0 });
    await postgres.start();
    await all('is ready again', isReady);
    const connector = await ivory.connector({ rows: 10 });
    await ivory.nudge('dispatch-due');
    expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 10 });
    expect(fleet.map(({ pid }) => isAlive(pid))).toEqual(fleet.map(() => true));
  });

  test('a runner is not ready while its work folder is gone', async () => {
    const folder = ivory.environment['TMPDIR'] ?? '';
    const runner = fleet[ROLES.indexOf('runner')] as IvoryProcess;
    await rename(folder, `${folder}-away`);
    await untilReadyz(runner, 'is without its folder', isWithout('work_folder'));
    await rename(`${folder}-away`, folder);
    await untilReadyz(runner, 'is ready again', isReady);
  });

  test('a paused queue is a warning, nothing more', async () => {
    const store = await openQueueStore({ redisUrl: redis?.url, databaseUrl: ivory.deps.databaseUrl });
    const queue = store.rawQueues().find(({ name }) => name === 'mapping');
    await queue?.pause();
    const mapping = fleet[ROLES.indexOf('mapping')] as IvoryProcess;
    const isWarned = ({ body }: Awaited<ReturnType<typeof readyz>>) =>
      body.dependencies['worker_mapping']?.warnings.includes('queue.paused') ?? false;
    expect(isReady(await untilReadyz(mapping, 'says that it is paused', isWarned))).toBe(true);
    await queue?.resume();
    await store.close();
    await untilReadyz(mapping, 'goes on', (probe) => !isWarned(probe));
  });
});
