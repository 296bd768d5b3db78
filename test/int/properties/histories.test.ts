import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestDeps } from '../../harness/context.ts';
import { assertLoadedOnce, assertNothingStays, assertPromisesKept, drain } from './drain.ts';
import { audit, newLedger } from './ledger.ts';
import { anyStep, type Step, take } from './steps.ts';
import { closeSurroundings, newWorld, openSurroundings } from './world.ts';

const HISTORIES = 60;
const CROWDED_HISTORIES = 40;
const TIME_LIMIT_MS = 14_000;

let surroundings: TestDeps;
beforeAll(async () => {
  surroundings = await openSurroundings();
});
afterAll(() => closeSurroundings(surroundings));

const bounds = { interruptAfterTimeLimit: TIME_LIMIT_MS } as const;

test('whatever happens one after another, no run is lost, none happens twice, and the counters say what the runs say', async () => {
  const history = fc.array(anyStep(), { minLength: 10, maxLength: 45, size: 'max' });
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const world = await newWorld(surroundings, 2);
      const ledger = newLedger(world);
      const seen = new Set<string>();
      for (const step of steps) {
        await take(world, step);
        await audit(world, ledger, seen, step);
      }
      await drain(world);
      await audit(world, ledger, seen, null);
      await assertLoadedOnce(world);
      await assertPromisesKept(world);
      await assertNothingStays(world);
    }),
    { ...bounds, numRuns: HISTORIES },
  );
});

test('whatever happens at the same moment, no run is lost, none happens twice, and a deleted connector stays deleted', async () => {
  const history = fc.array(fc.array(anyStep(), { minLength: 2, maxLength: 5 }), {
    minLength: 4,
    maxLength: 14,
    size: 'max',
  });
  await fc.assert(
    fc.asyncProperty(history, async (crowds: Step[][]) => {
      const world = await newWorld(surroundings, 1);
      const ledger = newLedger(world);
      const seen = new Set<string>();
      for (const crowd of crowds) {
        const faults = (await Promise.allSettled(crowd.map((step) => take(world, step)))).filter(
          ({ status }) => status === 'rejected',
        );
        expect(faults).toEqual([]);
        await audit(world, ledger, seen, null);
      }
      await drain(world);
      await audit(world, ledger, seen, null);
      await assertLoadedOnce(world);
      await assertNothingStays(world);
    }),
    { ...bounds, numRuns: CROWDED_HISTORIES },
  );
});
