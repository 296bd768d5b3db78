import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { askIvory } from './ivory.ts';
import { pythonVersion, startPython } from './python.ts';
import { randomExpression } from './random-expression.ts';
import { VALUES } from './values.ts';

const EXPRESSIONS = readFileSync(new URL('./expressions.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('# '));
/** Named gaps, said as an error of the row: never another value. */
const DECLINED = '!NotImplementedError';
const RANDOM_RUNS = 1_500;
const version = pythonVersion();
if (!version?.startsWith('3.11.'))
  console.error(`NO PYTHON 3.11 (${version ?? 'no python3'}): the comparison with CPython is SKIPPED.`);

describe.skipIf(!version?.startsWith('3.11.'))('answers beside a living CPython', () => {
  const engine = createExpressionEngine();
  const python = startPython();
  afterAll(async () => {
    await engine.close();
    await python.close();
  });

  async function differences(fn: string, values: readonly string[]): Promise<string[]> {
    const [ours, theirs] = await Promise.all([askIvory(engine, fn, values), python.ask(fn, values)]);
    if (typeof ours === 'string') return [`${fn}: ${ours}`];
    return values.flatMap((value, i) => {
      const [mine = '', real = ''] = [ours[i], typeof theirs === 'string' ? theirs : theirs[i]];
      return mine === real || mine === DECLINED ? [] : [`${fn} of ${value}: CPython ${real}, Ivory ${mine}`];
    });
  }

  test('what people write in mappings, on every kind of value', { timeout: 180_000 }, async () => {
    expect(EXPRESSIONS.length).toBeGreaterThan(400);
    expect(VALUES.length).toBeGreaterThan(45);
    const found: string[] = [];
    for (const fn of EXPRESSIONS) found.push(...(await differences(fn, VALUES)));
    expect(found).toEqual([]);
  });

  test('the documented eval has no names beyond the built-in ones, and Ivory adds only those it lists', async () => {
    for (const name of ['re', 'datetime', 'Decimal', 'json', 'math', 'timedelta']) {
      expect(await python.ask(`${name} and 1`, ['1'], false)).toEqual(['!NameError']);
      expect(await askIvory(engine, `${name} and 1`, ['1'])).toEqual(['1']);
    }
  });

  test('expressions nobody wrote', { timeout: 60_000 }, async () => {
    const someValues = VALUES.filter((_, i) => i % 2 === 0);
    await fc.assert(
      fc.asyncProperty(randomExpression, async (fn) => {
        const found = await differences(fn, someValues);
        expect(found.filter((line) => !line.includes('!refused'))).toEqual([]);
      }),
      { numRuns: RANDOM_RUNS, seed: 20260328, endOnFailure: true },
    );
  });
});
