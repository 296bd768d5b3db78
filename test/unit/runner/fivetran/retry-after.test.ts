import { expect, test } from 'vitest';
import { retryAfterMs } from '../../../../src/adapters/runner/fivetran/retry-after.ts';

const NOW = Date.parse('2026-03-28T12:00:00Z');

test.each([
  ['7', 7_000],
  [' 30 ', 30_000],
  ['Sat, 28 Mar 2026 12:02:00 GMT', 120_000],
  ['0', 1_000],
  ['Sat, 28 Mar 2026 11:00:00 GMT', 1_000],
  ['3600', 900_000],
  ['999999999', 900_000],
  ['soon', 60_000],
  ['', 60_000],
  [null, 60_000],
])('Retry-After %j waits %i ms', (header, ms) => {
  expect(retryAfterMs(header, NOW)).toBe(ms);
});
