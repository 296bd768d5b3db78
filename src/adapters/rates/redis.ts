import { Redis } from 'ioredis';
import type { SharedRates, Spent } from '../../ports/rates.ts';

export interface RedisRatesOptions {
  url: string;
  /** Of every key. */
  prefix?: string;
  timeoutMs?: number;
  /** How long a question may be without an answer before another connection is made. */
  silenceMs?: number;
}

/** A key holds when its allowance is whole again, by Redis' own clock, and ends with that. One key a call: a cluster may spread them. */
const SPEND = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local cost, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local whole = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now) + cost
whole = math.min(whole, now + 2 * window)
if cost > 0 then redis.call('SET', KEYS[1], string.format('%.3f', whole), 'PX', math.ceil(whole - now) + 1000) end
return tostring(whole - now)`;

/** Rates on Redis: one pipeline a call. Connects in the background; without Redis `spend` rejects at once. */
export function createRedisRates({
  url,
  prefix = 'ivory',
  timeoutMs = 1_000,
  silenceMs = 10_000,
}: RedisRatesOptions): SharedRates {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 5_000,
    commandTimeout: timeoutMs,
    socketTimeout: silenceMs,
    retryStrategy: (times) => Math.min(times * 200, 2_000),
  });
  // Every failing call says it; nobody needs it printed as well.
  redis.on('error', () => {});
  return {
    async spend(spent) {
      const pipeline = redis.pipeline();
      for (const { key, costMs, windowMs } of spent)
        pipeline.eval(SPEND, 1, `${prefix}:rate:${key}`, costMs, windowMs);
      const answers = (await pipeline.exec()) ?? [];
      return spent.map((one, i) => wholeIn(one, answers[i]));
    },
    async close() {
      redis.disconnect();
    },
  };
}

function wholeIn({ key }: Spent, answer: [Error | null, unknown] | undefined): number {
  const ms = Number(answer?.[1] ?? Number.NaN);
  if (answer?.[0] || !Number.isFinite(ms))
    throw new Error(`no answer of Redis for the rate of ${key}`, { cause: answer?.[0] });
  return ms;
}
