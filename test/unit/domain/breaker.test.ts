import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterFailure } from '../../../src/domain/breaker.ts';

const now = new Date('2026-03-28T12:00:00Z');
const nextYear = new Date('2027-01-01T00:00:00Z');

test('the third failure in a row opens the breaker, and so does any after it', () => {
  for (const failures of [3, 4, 50])
    expect(afterFailure(failures, now, nextYear, 0)).toEqual({ opens: true });
});

test('the pause doubles, give or take 20 %, and never passes the regular slot', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(1, 2),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      fc.integer({ min: 1, max: 600 }),
      (failures, chance, slotS) => {
        const slot = new Date(now.getTime() + slotS * 1000);
        const after = afterFailure(failures, now, slot, chance);
        if (after.opens) throw new Error('opened too early');
        const pauseS = (after.retryAt.getTime() - now.getTime()) / 1000;
        const planned = 60 * 2 ** failures;
        expect(pauseS).toBeLessThanOrEqual(Math.min(slotS, planned * 1.2));
        expect(pauseS).toBeGreaterThanOrEqual(Math.min(slotS, planned * 0.8));
      },
    ),
  );
});
