import { expect, test } from 'vitest';
import { compileCheck } from '../../../src/singer/record-check.ts';

test('a pattern that always takes too long is tried a few times only', { timeout: 120_000 }, () => {
  const check = compileCheck({ pattern: '^(a+)+$' });
  for (let tries = 0; tries < 200; tries += 1)
    expect(check(`${'a'.repeat(50)}!`, 'v')).toMatch(/takes too long/);
});
