import { describe, expect, test } from 'vitest';
import { askedWaitMs, MAX_TRIES, retryAfterMs } from '../../../src/domain/notification-retry.ts';

const HOUR_MS = 3_600_000;
const now = new Date('2026-11-21T12:00:00Z');

describe('the wait after a failed attempt', () => {
  test('is that of the specification in the middle, a fifth less or more at the edges, and none after the last', () => {
    const middle = Array.from({ length: MAX_TRIES }, (_, n) => retryAfterMs(n + 1, 0.5, null));
    const seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
    expect(middle).toEqual([...seconds.map((s) => s * 1_000), null]);
    expect([retryAfterMs(1, 0, null), retryAfterMs(1, 1, null)]).toEqual([4_000, 6_000]);
  });

  test('is as long as the receiver asks, up to a day, and never shorter than ours', () => {
    expect(retryAfterMs(1, 0.5, 60_000)).toBe(60_000);
    expect(retryAfterMs(1, 0.5, 1_000)).toBe(5_000);
    expect(retryAfterMs(1, 0.5, 1_000 * HOUR_MS)).toBe(24 * HOUR_MS);
    expect(retryAfterMs(MAX_TRIES, 0.5, 60_000)).toBeNull();
  });
});

test.each([
  ['120', 120_000],
  [' 0 ', 0],
  ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
  ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
  ['soon', null],
  ['-5', null],
  ['1e9', null],
  ['99999999999999', null],
  ['', null],
  [undefined, null],
])('Retry-After %j asks for %j ms', (header, asked) => {
  expect(askedWaitMs(header, now)).toBe(asked);
});
