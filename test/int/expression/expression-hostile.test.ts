import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import type { ExpressionResult, PyValue } from '../../../src/ports/expressions.ts';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';

const HOSTILE = readFileSync(new URL('./fixtures/hostile.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');
const VALUES: PyValue[] = ['a', 3n];
/** An answer, or an error with Python's kind of name: nothing that tells of the machine underneath. */
const PYTHON_ERROR = /^[A-Z][A-Za-z]*(?:Error|Operation|Overflow|ByZero|Iteration)?(?:$|: )|^error: /;
const engine = createExpressionEngine({
  threads: 1,
  valueSteps: 200_000,
  valueBytes: 16_000_000,
  silenceMs: 60_000,
});
afterAll(() => engine.close());

describe('a hostile expression', () => {
  test('there are enough of them', () => expect(HOSTILE.length).toBeGreaterThan(120));

  test.each(HOSTILE)(
    '%s: is refused, or answers or fails within its limits; the engine goes on',
    { timeout: 60_000 },
    async (expression) => {
      const results = await answerOrRefusal(expression);
      for (const result of results) {
        if (result.ok) expect(JSON.stringify(result.value, printable).length).toBeLessThan(10_000);
        else expect(result.error).toMatch(PYTHON_ERROR);
        if (!result.ok) expect(result.error).not.toMatch(/given up|call stack|undefined|native/);
      }
      expect(await engine.evaluate('v', ['alive'])).toEqual([{ ok: true, value: 'alive' }]);
    },
  );

  test('costs no other row its answer', { timeout: 60_000 }, async () => {
    const values = Array.from({ length: 5_000 }, (_, i) => (i === 4_321 ? 10n ** 9n : BigInt(i % 7)));
    const results = await engine.evaluate("re.sub('x', '', 'a' * v) + str(sorted(range(v)))", values);
    expect(results.flatMap((result, i) => (result.ok ? [] : [i]))).toEqual([4_321]);
  });
});

async function answerOrRefusal(expression: string): Promise<ExpressionResult[]> {
  try {
    return await engine.evaluate(expression, VALUES);
  } catch (error) {
    if (error instanceof InvalidError && error.code.startsWith('expression.')) return [];
    throw error;
  }
}

function printable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value);
  return value instanceof Map ? [...value] : value;
}
