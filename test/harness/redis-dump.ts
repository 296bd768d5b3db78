import { Redis } from 'ioredis';

/** Every key and every value a Redis holds, as one text. */
export async function redisDump(url: string): Promise<string> {
  const redis = new Redis(url);
  try {
    const parts: unknown[] = [];
    for (const key of await redis.keys('*')) parts.push(key, await contentOf(redis, key));
    return JSON.stringify(parts);
  } finally {
    redis.disconnect();
  }
}

async function contentOf(redis: Redis, key: string): Promise<unknown> {
  const type: string = await redis.type(key);
  switch (type) {
    case 'string':
      return redis.get(key);
    case 'hash':
      return redis.hgetall(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'set':
      return redis.smembers(key);
    case 'zset':
      return redis.call('ZRANGE', key, '0', '-1', 'WITHSCORES');
    case 'stream':
      return redis.call('XRANGE', key, '-', '+');
    default:
      throw new Error(`a key of type ${type}: ${key}`);
  }
}
