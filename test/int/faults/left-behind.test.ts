import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startChild } from '../../../src/adapters/runner/process/child-process.ts';
import { openQueueStore } from '../../../src/queues/connection.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';
import { until } from '../../harness/until.ts';

test('a process that left its tap for a session of its own and keeps its output open does not keep the run from ending', async () => {
  const leave = `require('node:child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20000)'],
    { detached: true, stdio: ['ignore', 'inherit', 'inherit'] }).unref(); console.error(process.pid)`;
  const said: string[] = [];
  const child = startChild({
    command: [process.execPath, '-e', leave],
    cwd: tmpdir(),
    env: {},
    onStderr: (line) => said.push(line),
  });
  await until('the tap has ended', () => said.length > 0);
  const asked = Date.now();
  expect(await child.exited).toMatchObject({ code: 0 });
  await child.kill();
  expect(Date.now() - asked).toBeLessThan(8_000);
});

describe.skipIf(redisUrl() === null)('on Redis', () => {
  test('finished jobs are kept by hundreds, their events by a thousand or so, not for ever', async () => {
    const redis = await startRedis();
    const store = await openQueueStore({
      redisUrl: redis?.url,
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    });
    const consumer = store.consumer({
      pool: 'runner',
      handlers: { 'execute-run': async () => {} },
      concurrency: 20,
      onError: () => {},
    });
    const client = new Redis(redis?.url ?? '');
    onTestFinished(async () => {
      client.disconnect();
      await consumer.close(0);
      await store.close();
      await redis?.stop();
    });
    const jobs = Array.from({ length: 1_000 }, () => randomUUID()).map((runId) => ({
      name: 'execute-run' as const,
      payload: { runId },
      jobId: `execute-${runId}-0`,
    }));
    await store.producer().addMany(jobs);
    await consumer.ready();
    await until('all are done', async () => {
      const { waiting, active } = (await store.counts()).runner;
      return waiting + active === 0;
    });
    expect((await store.counts()).runner.completed).toBeLessThanOrEqual(500);
    expect(await client.xlen('ivory:runner:events')).toBeLessThan(1_500);
  });
});
