import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRedisRates } from '../../../src/adapters/rates/redis.ts';
import type { ServeOptions } from '../../../src/api/serve.ts';
import { NO_METRICS } from '../../../src/ports/metrics.ts';
import { insertConnector } from '../../harness/connectors.ts';
import { redisUrl } from '../../harness/redis.ts';
import { startRedis } from '../../harness/redis-server.ts';
import { lockTable } from '../../harness/table-lock.ts';
import { until } from '../../harness/until.ts';
import { bearer, createServed, jsonOf, LIST, type Served } from './served.ts';

let served: Served;
beforeAll(async () => {
  served = await createServed();
});
afterAll(() => served.close());

const limits = (changes: Partial<NonNullable<ServeOptions['limits']>>) => ({ limits: changes });

async function statuses(url: string, times: number, headers: Record<string, string>): Promise<number[]> {
  const all: number[] = [];
  for (let n = 0; n < times; n++) {
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    all.push(response.status);
  }
  return all;
}

const countOf = (all: readonly number[], status: number) => all.filter((one) => one === status).length;

describe('the rate of a tenant', () => {
  test('is held: beyond it 429 with the time to wait, and another tenant does not notice', async () => {
    const limited: string[] = [];
    const metrics = { ...NO_METRICS, requestLimited: (kind: string) => void limited.push(kind) };
    const { url } = await served.serve(limits({ tenantRequestsPerMin: 2 }), { metrics });
    const headers = await bearer('acme');
    const first = await fetch(`${url}${LIST}`, { headers });
    expect(first.headers.get('ratelimit-policy')).toBe('"tenant";q=2;w=60');
    expect(first.headers.get('ratelimit')).toMatch(/^"tenant";r=1;t=\d+$/);
    expect(await statuses(`${url}${LIST}`, 1, headers)).toEqual([200]);
    const refused = await fetch(`${url}${LIST}`, { headers });
    const retryAfterS = Number(refused.headers.get('retry-after'));
    expect(refused.status).toBe(429);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ code: 'rate.tenant', status: 429 });
    expect(retryAfterS).toBeGreaterThanOrEqual(1);
    expect(retryAfterS).toBeLessThanOrEqual(30);
    expect(refused.headers.get('ratelimit')).toBe(`"tenant";r=0;t=${retryAfterS}`);
    expect(limited).toEqual(['tenant']);
    expect(await statuses(`${url}${LIST}`, 1, await bearer('rival'))).toEqual([200]);
  });

  test('costs the tenant nothing where it only looks at what needs no token', async () => {
    const { url } = await served.serve(limits({ tenantRequestsPerMin: 1 }));
    const headers = await bearer('acme');
    expect(await statuses(`${url}/healthz`, 5, headers)).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses(`${url}${LIST}`, 1, headers)).toEqual([200]);
  });

  test('is one over all processes that share a store', async ({ skip }) => {
    const url = redisUrl();
    if (url === null) return skip('no Redis');
    const sharedRates = createRedisRates({ url, prefix: randomUUID() });
    try {
      const options = { ...limits({ tenantRequestsPerMin: 60 }), sharedRates };
      const [one, other] = [await served.serve(options), await served.serve(options)];
      const headers = await bearer('acme');
      expect(countOf(await statuses(`${one.url}${LIST}`, 60, headers), 200)).toBe(60);
      // what the first spent reaches the second by the store, and there is room for the few that come back meanwhile
      await until('the other process hears of it', async () => {
        const response = await fetch(`${other.url}${LIST}`, { headers });
        return response.status === 429;
      });
    } finally {
      await sharedRates.close();
    }
  });

  test('is counted by each process while the store is away, and no request waits or fails for that', async ({
    skip,
  }) => {
    const redis = await startRedis();
    if (redis === null) return skip('no Redis');
    const sharedRates = createRedisRates({ url: redis.url });
    const { url } = await served.serve({ ...limits({ tenantRequestsPerMin: 4 }), sharedRates });
    const headers = await bearer('acme');
    expect(await statuses(`${url}${LIST}`, 2, headers)).toEqual([200, 200]);
    await redis.stop();
    const all = await statuses(`${url}${LIST}`, 40, headers);
    expect(new Set(all)).toEqual(new Set([200, 429]));
    expect(countOf(all, 200)).toBeLessThan(20);
    await sharedRates.close();
  });
});

describe('requests of a tenant under way at once', () => {
  test('are bounded, and free again when they are answered', async () => {
    const { id } = await insertConnector(served.deps, { tenantId: 'acme' });
    const { url } = await served.serve(limits({ tenantMaxConcurrent: 1 }));
    const headers = await bearer('acme');
    const held = await lockTable(served.deps.databaseUrl, 'etl.meltano_connectors');
    const slow = fetch(`${url}${LIST}/${id}/pause`, { method: 'POST', headers });
    await held.waitedFor();
    const refused = await fetch(`${url}${LIST}`, { headers });
    expect([refused.status, (await jsonOf(refused))['code']]).toEqual([429, 'rate.concurrent']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await statuses(`${url}${LIST}`, 1, await bearer('rival'))).toEqual([200]);
    await held.release();
    expect((await slow).status).toBe(200);
    expect(await statuses(`${url}${LIST}`, 1, headers)).toEqual([200]);
  });
});

describe('who fails to prove who they are', () => {
  const bad = { authorization: 'Bearer nothing.of.worth' };

  test('gets 429 beyond the allowance of the address, and locks nobody else out', async () => {
    const { url } = await served.serve(limits({ addressFailuresPerMin: 2 }));
    expect(await statuses(`${url}${LIST}`, 3, bad)).toEqual([401, 401, 429]);
    const refused = await fetch(`${url}${LIST}`, { headers: bad });
    expect(await refused.json()).toMatchObject({ code: 'rate.address' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(refused.headers.get('www-authenticate')).toBeNull();
    expect(refused.headers.get('x-content-type-options')).toBe('nosniff');
    expect(await statuses(`${url}${LIST}`, 1, await bearer())).toEqual([200]);
  });

  test('counts for webhooks badly signed too', async () => {
    const { url } = await served.serve(limits({ addressFailuresPerMin: 2 }));
    const send = async () => {
      const body = { connector_id: randomUUID(), tenant_id: 'acme', source_system: 's', status: 'completed' };
      const response = await fetch(`${url}/v1/etl/meltano/webhook`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-webhook-secret': createHmac('sha256', 'x').update('y').digest('hex'),
        },
        body: JSON.stringify(body),
      });
      return [response.status, (await jsonOf(response))['code']];
    };
    for (let n = 0; n < 2; n++) expect(await send()).toEqual([403, 'webhook.forbidden']);
    expect(await send()).toEqual([429, 'rate.address']);
  });

  test('is known by the hop a trusted proxy names, from the right, and by the socket elsewhere', async () => {
    const behind = await served.serve(limits({ addressFailuresPerMin: 1, trustedProxies: ['127.0.0.0/8'] }));
    const via = (forwarded: string) =>
      statuses(`${behind.url}${LIST}`, 1, { ...bad, 'x-forwarded-for': forwarded });
    expect(await via('203.0.113.1')).toEqual([401]);
    expect(await via('203.0.113.1')).toEqual([429]);
    expect(await via('198.51.100.9, 203.0.113.1')).toEqual([429]);
    expect(await via('203.0.113.1, 198.51.100.9')).toEqual([401]);
    const open = await served.serve(limits({ addressFailuresPerMin: 1 }));
    const claimed = (forwarded: string) =>
      statuses(`${open.url}${LIST}`, 1, { ...bad, 'x-forwarded-for': forwarded });
    expect(await claimed('203.0.113.1')).toEqual([401]);
    expect(await claimed('203.0.113.2')).toEqual([429]);
  });
});
