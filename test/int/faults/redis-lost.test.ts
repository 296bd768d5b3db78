import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createTestClient } from '../../harness/api-client.ts';
import { historyOf, runsOf } from '../../harness/connectors.ts';
import { type Installation, openInstallation } from '../../harness/installation.ts';
import { runIvory } from '../../harness/processes.ts';
import { redisUrl } from '../../harness/redis.ts';
import { type RedisServer, startRedis } from '../../harness/redis-server.ts';
import { until } from '../../harness/until.ts';

// a calm machine takes a fifth of it
vi.setConfig({ testTimeout: 90_000 });

describe.skipIf(redisUrl() === null)('Redis', () => {
  let ivory: Installation;
  let redis: RedisServer | null;
  beforeAll(async () => {
    ivory = await openInstallation({ queues: 'redis' });
    redis = ivory.redis;
  });
  afterAll(async () => {
    await ivory.close();
    await redis?.stop();
  });

  test('that forgets everything while runs wait loses none of them', async () => {
    const connectors = await Promise.all(Array.from({ length: 5 }, () => ivory.connector({ rows: 4 })));
    await ivory.start('worker', 'scheduler', 'transform');
    for (const connector of connectors)
      await until('it is dispatched', async () => (await runsOf(ivory.deps, connector.id)).length === 1);
    await until('nothing is left in the outbox', async () => (await outboxSize()) === 0);
    await flushAll();
    await ivory.start('worker', 'runner');
    await ivory.deps.database.sql`update etl.runner_jobs set created_at = created_at - interval '1 minute'`;
    await ivory.nudge('sweep-waiting');
    for (const connector of connectors) {
      expect(await ivory.ended(connector)).toMatchObject({ status: 'completed', rowsLoaded: 4 });
      expect(await historyOf(ivory.deps, connector.id)).toHaveLength(1);
    }
  });

  test('that is down when a run is triggered: the answer is 202 and the run comes when it is back', async () => {
    const api = await ivory.start('api');
    const token = await runIvory(['token', '--tenant', 'acme'], ivory.environment);
    const client = createTestClient(api.ready, token);
    const connector = await ivory.connector({ rows: 4 }, { nextRunAt: new Date(Date.now() + 3_600_000) });
    await redis?.stop();
    const answer = await client.call('POST', `/v1/admin/connectors/${connector.id}/trigger`);
    expect(answer).toMatchObject({ connector_id: connector.id });
    expect(await runsOf(ivory.deps, connector.id)).toEqual([]);
    redis = await startRedis({ port: redis?.port ?? 0 });
    await until(
      'the run has begun, with no nudge but the ticks',
      async () => (await runsOf(ivory.deps, connector.id)).length === 1,
      15_000,
    );
    expect(await ivory.ended(connector)).toMatchObject({
      status: 'completed',
      trigger: 'manual',
      rowsLoaded: 4,
    });
  });

  async function flushAll(): Promise<void> {
    const client = new Redis(ivory.redis?.url ?? '');
    await client.flushall();
    client.disconnect();
  }

  async function outboxSize(): Promise<number> {
    const [row] = await ivory.deps.database.sql<{ n: number }[]>`select count(*)::int as n from etl.outbox`;
    return row?.n ?? 0;
  }
});
