import { describe, expect, test } from 'vitest';
import { createRates } from '../../../src/api/limits/rates.ts';
import type { SharedRates, Spent } from '../../../src/ports/rates.ts';

/** Rates by a clock that only the test moves. */
function ratesAt(perMin: number, maxKeys?: number) {
  const clock = { ms: 1_000_000 };
  const rates = createRates({ name: 'tenant', perMin, maxKeys, now: () => clock.ms });
  const taken = (key: string, times: number) =>
    Array.from({ length: times }, () => rates.take(key)).filter(({ allowed }) => allowed).length;
  return { rates, clock, taken };
}

describe('an allowance', () => {
  test('is whole at first, may be spent at once, and no more', () => {
    const { taken } = ratesAt(60);
    expect(taken('acme', 100)).toBe(60);
    expect(taken('rival', 1)).toBe(1);
  });

  test('says how many are left and when it is whole again', () => {
    const { rates } = ratesAt(60);
    expect(rates.take('acme')).toEqual({ allowed: true, remaining: 59, wholeInS: 1, retryAfterS: 0 });
    expect(rates.take('acme')).toMatchObject({ remaining: 58, wholeInS: 2 });
  });

  test.each([
    [60, 1],
    [1, 60],
    [7, 9],
    [120_000, 1],
  ])('of %i a minute refuses with a time after which one is let through: %i s', (perMin, waitS) => {
    const { rates, clock, taken } = ratesAt(perMin);
    expect(taken('acme', perMin)).toBe(perMin);
    const { allowed, retryAfterS } = rates.take('acme');
    expect([allowed, retryAfterS]).toEqual([false, waitS]);
    expect(rates.isSpent('acme')).toBe(true);
    clock.ms += retryAfterS * 1000;
    expect(rates.isSpent('acme')).toBe(false);
    expect(rates.take('acme').allowed).toBe(true);
  });

  test('is whole again after a minute, and what is refused costs nothing', () => {
    const { clock, taken } = ratesAt(60);
    taken('acme', 1_000);
    clock.ms += 60_000;
    expect(taken('acme', 1_000)).toBe(60);
  });

  test('of any number of strangers takes the room of so many', () => {
    const { rates, taken } = ratesAt(60, 1_000);
    for (let n = 0; n < 100_000; n++) rates.take(`stranger ${n}`);
    expect(rates.size()).toBe(1_000);
    expect(taken('stranger 99999', 100)).toBe(59);
  });
});

/** A store as the port describes it, by the same clock. */
function storeAt(clock: { ms: number }) {
  const whole = new Map<string, number>();
  const calls: Spent[][] = [];
  const store: SharedRates = {
    async spend(spent) {
      calls.push([...spent]);
      return spent.map(({ key, costMs, windowMs }) => {
        const at = Math.min(Math.max(whole.get(key) ?? 0, clock.ms) + costMs, clock.ms + 2 * windowMs);
        whole.set(key, at);
        return at - clock.ms;
      });
    },
    async close() {},
  };
  return { store, calls };
}

describe('settling', () => {
  test('makes one allowance of those of two processes', async () => {
    const [one, other] = [ratesAt(60), ratesAt(60)];
    const { store } = storeAt(one.clock);
    one.taken('acme', 40);
    other.taken('acme', 15);
    await one.rates.settle(store);
    await other.rates.settle(store);
    expect(other.taken('acme', 100)).toBe(5);
    await other.rates.settle(store);
    one.rates.take('acme');
    await one.rates.settle(store);
    expect(one.rates.take('acme').allowed).toBe(false);
  });

  test('tells only of those who asked since the last time, and asks for those it refused', async () => {
    const { rates, clock, taken } = ratesAt(60);
    const { store, calls } = storeAt(clock);
    taken('acme', 61);
    taken('rival', 1);
    await rates.settle(store);
    await rates.settle(store);
    expect(calls).toHaveLength(1);
    expect(calls[0]?.map(({ key, costMs }) => [key, Math.round(costMs)])).toEqual([
      ['tenant:acme', 60_000],
      ['tenant:rival', 1_000],
    ]);
    rates.take('acme');
    await rates.settle(store);
    expect(calls[1]).toEqual([{ key: 'tenant:acme', costMs: expect.any(Number), windowMs: 60_000 }]);
  });

  test('that fails loses nothing: the next one tells it', async () => {
    const { rates, clock, taken } = ratesAt(60);
    const { store, calls } = storeAt(clock);
    taken('acme', 10);
    const away: SharedRates = { spend: () => Promise.reject(new Error('away')), close: async () => {} };
    await expect(rates.settle(away)).rejects.toThrow('away');
    expect(taken('acme', 100)).toBe(50);
    await rates.settle(store);
    expect(Math.round(calls[0]?.[0]?.costMs ?? 0)).toBe(60_000);
  });

  test('counts what is spent while the store answers', async () => {
    const { rates, clock, taken } = ratesAt(60);
    const { store } = storeAt(clock);
    const answering = Promise.withResolvers<void>();
    const slow: SharedRates = {
      spend: async (spent) => {
        await answering.promise;
        return store.spend(spent);
      },
      close: async () => {},
    };
    taken('acme', 10);
    const settled = rates.settle(slow);
    taken('acme', 10);
    answering.resolve();
    await settled;
    expect(taken('acme', 100)).toBe(40);
  });
});
