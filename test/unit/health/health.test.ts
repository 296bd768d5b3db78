import { expect, test } from 'vitest';
import { createLog } from '../../../src/log.ts';
import type { Check } from '../../../src/services/health/check.ts';
import { createHealth } from '../../../src/services/health/health.ts';

const log = createLog({ level: 'silent', pretty: false, role: 'test' });
const check = (name: string, ask: Check['ask'], required = true): Check => ({ name, required, ask });

test('however many look, a dependency is asked once', async () => {
  let asked = 0;
  const count = async () => {
    asked += 1;
    return [];
  };
  const health = createHealth([check('one', count)], { log, isWatching: false });
  await Promise.all(Array.from({ length: 200 }, () => health.readiness()));
  await health.readiness();
  expect(asked).toBe(1);
  await health.close();
});

test('what hangs is down, and is not asked more and more', async () => {
  let asked = 0;
  const hangs = { ...check('hangs', () => new Promise(() => void asked++)), limitMs: 10, everyMs: 1 };
  const health = createHealth([hangs, check('fine', async () => ['a.warning'])], { log });
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(async () => {
    const { dependencies } = await health.readiness();
    if (dependencies['hangs']?.latencyMs === 0) resolve();
  }, 5);
  await promise;
  clearInterval(timer);
  expect(asked).toBe(3);
  const { ready, dependencies } = await health.readiness();
  expect(ready).toBe(false);
  expect(dependencies).toMatchObject({
    hangs: { status: 'down', error: 'timeout' },
    fine: { status: 'up', warnings: ['a.warning'], error: null },
  });
  await health.close();
});

test('what is only shown makes nothing red, and draining makes all of it', async () => {
  const down = check('shown', () => Promise.reject(new Error('postgres://secret@host')), false);
  const health = createHealth([down], { log, isWatching: false });
  expect(await health.readiness()).toMatchObject({
    ready: true,
    draining: false,
    dependencies: { shown: { status: 'down', error: 'unreachable', required: false } },
  });
  health.drain();
  expect(await health.readiness()).toMatchObject({ ready: false, draining: true });
  expect(health.sickness()).toBeNull();
  await health.close();
});
