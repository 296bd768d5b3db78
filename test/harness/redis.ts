import { inject } from 'vitest';

/** Url of the run's Redis, or null where the machine has none. Shared by all test files: use a key prefix of your own. */
export function redisUrl(): string | null {
  const url = inject('redisUrl');
  if (url === null)
    console.warn('NO REDIS: redis-server was not found, so the Redis half of this suite is SKIPPED.');
  return url;
}
