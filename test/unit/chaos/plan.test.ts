import { expect, test } from 'vitest';
import { planFaults } from '../../../scripts/chaos/plan.ts';

const OPTIONS = { forMs: 600_000, everyMs: 3_000, targets: ['api', 'runner-1'], leaseMs: 4_000 };

test('the same seed plans the same faults, another seed others', () => {
  expect(planFaults({ ...OPTIONS, seed: 7 })).toEqual(planFaults({ ...OPTIONS, seed: 7 }));
  expect(planFaults({ ...OPTIONS, seed: 7 })).not.toEqual(planFaults({ ...OPTIONS, seed: 8 }));
});

test('ten minutes hold every kind of fault, in order of time, none after the end', () => {
  const plan = planFaults({ ...OPTIONS, seed: 7 });
  expect(new Set(plan.map(({ kind }) => kind)).size).toBe(12);
  expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).sort((a, b) => a - b));
  expect(plan.at(-1)?.atMs).toBeLessThanOrEqual(600_000);
});

test('some freezes are shorter than a lease and some are longer', () => {
  const freezes = planFaults({ ...OPTIONS, seed: 7 }).flatMap((fault) =>
    fault.kind === 'freeze' ? [fault.forMs] : [],
  );
  expect(Math.min(...freezes)).toBeLessThan(4_000);
  expect(Math.max(...freezes)).toBeGreaterThan(8_000);
});

test('a plan of so many faults has so many, and is the beginning of a longer one', () => {
  const short = planFaults({ ...OPTIONS, seed: 7, maxFaults: 12 });
  expect(short).toEqual(planFaults({ ...OPTIONS, seed: 7 }).slice(0, 12));
});
