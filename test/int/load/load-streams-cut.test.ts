import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresLakehouse } from '../../../src/adapters/lakehouse/postgres.ts';
import type { Ctx } from '../../../src/context.ts';
import { loadStreams } from '../../../src/services/runs/load-streams.ts';
import { type CuttingProxy, startCuttingProxy } from '../lakehouse/cutting-proxy.ts';
import { createStaged } from './fixtures.ts';
import { FIELDS, useLoading } from './loading.ts';

/** The long round says more. */
const TRIALS = Number(process.env['IVORY_TRIALS'] ?? 15);

describe('loading a run while the lakehouse is cut off', () => {
  const loading = useLoading();
  const { run, lakeRows, stage, mapDeals } = loading;
  let proxy: CuttingProxy;
  let cutOff: Ctx;

  beforeAll(async () => {
    const url = new URL(loading.deps.databaseUrl);
    proxy = await startCuttingProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(proxy.port);
    cutOff = { ...loading.ctx, lakehouse: createPostgresLakehouse({ url: url.href }) };
  });
  afterAll(async () => {
    await cutOff.lakehouse.close();
    await proxy.close();
  });

  test.each(['swallowed', 'answer-lost'] as const)(
    'at the commit (%s), the retry ends with the counts of one clean run',
    async (what) => {
      await mapDeals();
      const at = await createStaged(loading.deps.database.sql, loading.connector, 'deals', FIELDS);
      const input = await run();
      await stage(at, 1, 50, input.loadId);
      const arm = (stats: unknown[]) => stats.length > 0 && proxy.cutAt(/^Q.{4}commit.$/s, what);
      await expect(loadStreams(cutOff, { ...input, onProgress: arm })).rejects.toMatchObject({
        code: 'lakehouse.unavailable',
      });
      expect(await loadStreams(cutOff, input)).toMatchObject([{ read: 50, loaded: 45, rejected: 5 }]);
      expect(await lakeRows(loading.destination, 'count(*)')).toEqual([[45n]]);
    },
  );

  test(`anywhere, ${TRIALS} times at random: the rows are those of one clean run`, async () => {
    const at = await createStaged(loading.deps.database.sql, loading.connector, 'lines', {
      fields: 'n bigint, line text',
    });
    let loaded = 0;
    let cuts = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      const input = await run();
      await loading.deps.database.sql.unsafe(`insert into ${at} (n, line, _ivory_load_id)
        select n, repeat('x', 50), ${input.loadId} from generate_series(1, 500) n`);
      proxy.cutAfter(1 + Math.floor(Math.random() * 45_000));
      await loadStreams(cutOff, input).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'lakehouse.unavailable' });
        cuts += 1;
      });
      proxy.cut();
      expect(await loadStreams(loading.ctx, input)).toMatchObject([{ read: 500, loaded: 500, rejected: 0 }]);
      loaded += 500;
      expect(await lakeRows(loading.destination, 'count(*), sum(n)')).toEqual([
        [BigInt(loaded), String((loaded / 500) * 125_250)],
      ]);
    }
    expect(cuts).toBeGreaterThan(TRIALS / 3);
  }, 3_600_000);
});
