import { expect, test } from 'vitest';
import { seldom } from '../../../src/services/fleet/seldom.ts';

const LIMITS = { keepMs: 10_000, withinMs: 60_000 };

function asker() {
  const waiting: PromiseWithResolvers<number>[] = [];
  const ask = () => {
    const next = Promise.withResolvers<number>();
    waiting.push(next);
    return next.promise;
  };
  return { ask, waiting };
}

test('an answer serves ten seconds long, then it is asked again', async () => {
  const clock = { ms: 0 };
  let asked = 0;
  const read = seldom(
    async () => ++asked,
    LIMITS,
    () => clock.ms,
  );
  expect(await read()).toBe(1);
  clock.ms = 9_999;
  expect(await read()).toBe(1);
  clock.ms = 10_000;
  expect(await read()).toBe(2);
});

test('those who come while it is asked share one answer', async () => {
  const { ask, waiting } = asker();
  const read = seldom(ask, LIMITS);
  const readings = [read(), read(), read()];
  expect(waiting).toHaveLength(1);
  waiting[0]?.resolve(7);
  expect(await Promise.all(readings)).toEqual([7, 7, 7]);
});

test('a failure is null, is told at once for a while, and then asked again', async () => {
  const clock = { ms: 0 };
  const { ask, waiting } = asker();
  const read = seldom(ask, LIMITS, () => clock.ms);
  const first = read();
  waiting[0]?.reject(new Error('down'));
  expect(await first).toBeNull();
  expect(await read()).toBeNull();
  expect(waiting).toHaveLength(1);
  clock.ms = 10_000;
  const later = read();
  waiting[1]?.resolve(1);
  expect(await later).toBe(1);
});

test('an answer that does not come in time is null; it is not asked twice at once, and serves when it comes', async () => {
  const clock = { ms: 0 };
  const { ask, waiting } = asker();
  const read = seldom(ask, { keepMs: 10_000, withinMs: 1 }, () => clock.ms);
  expect(await read()).toBeNull();
  clock.ms = 20_000;
  expect(await read()).toBeNull();
  expect(waiting).toHaveLength(1);
  waiting[0]?.resolve(3);
  await waiting[0]?.promise;
  clock.ms = 20_001;
  expect(await read()).toBe(3);
});
