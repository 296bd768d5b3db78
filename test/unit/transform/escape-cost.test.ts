import { expect, it } from 'vitest';
import { chargeEscapes } from '../../../src/transform/python/escape-cost.ts';
import { createMeter } from '../../../src/transform/python/meter.ts';

const LIMITS = { steps: 1_000_000, bytes: 64_000_000 };
const NUL = { isEscaped: (unit: number) => unit === 0, longest: 4 };

it('a text is charged for what its escapes make of it, before they are made', () => {
  const charge = (text: string) => () => chargeEscapes(createMeter(LIMITS), text, NUL);
  expect(charge('a'.repeat(9_000_000))).not.toThrow();
  expect(charge('\0'.repeat(1_000_000))).not.toThrow();
  expect(charge('\0'.repeat(2_000_000))).toThrow(/needs more than 64 MB/);
  expect(charge('\0'.repeat(3_000_000))).toThrow(/more than 10,000,000 characters/);
});
