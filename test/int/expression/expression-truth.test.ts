import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { createExpressionEngine } from '../../../src/transform/expression/engine.ts';
import { parsePyJson, printPyJson } from '../../../src/transform/py-json.ts';

interface Truth {
  python: string;
  values: string[];
  /** One answer a value, or one for all: JSON text, or "!TypeName: message". */
  cases: Record<string, string | string[]>;
}

const truth: Truth = JSON.parse(
  readFileSync(new URL('./fixtures/cpython-truth.json', import.meta.url), 'utf8'),
);
const DOCUMENTED = [
  'str(v)[:10] if v else None',
  'float(v)/100 if v else 0.0',
  'v.strip().upper() if v else None',
  'bool(v)',
  'v.strip() if v else None',
  'round(float(v) / 100, 2) if v else 0.0',
];
const engine = createExpressionEngine();
afterAll(() => engine.close());

describe(`expressions answer as CPython ${truth.python}`, () => {
  test.each(DOCUMENTED)('documented pattern %s: same values, same errors, same words', async (expression) => {
    expect(await answers(expression)).toEqual(expected(expression));
  });

  test('the recorded table is large enough to mean something', () => {
    expect(Object.keys(truth.cases).length).toBeGreaterThan(800);
    expect(truth.values.length).toBeGreaterThanOrEqual(40);
  });

  test('every recorded expression gives the same value or the same type of error on every value', async () => {
    const differing = [];
    for (const expression of Object.keys(truth.cases)) {
      const ours = (await answers(expression)).map(withoutMessage);
      const theirs = expected(expression).map(withoutMessage);
      const at = ours.findIndex((answer, i) => answer !== theirs[i]);
      if (at >= 0)
        differing.push({ expression, value: truth.values[at], ours: ours[at], cpython: theirs[at] });
    }
    expect(differing).toEqual([]);
  }, 60_000);
});

async function answers(expression: string): Promise<string[]> {
  const results = await engine.evaluate(expression, truth.values.map(parsePyJson));
  return results.map((result) => (result.ok ? printPyJson(result.value) : `!${result.error}`));
}

function expected(expression: string): string[] {
  const recorded = truth.cases[expression];
  if (recorded === undefined) throw new Error(`${expression} is not recorded`);
  return typeof recorded === 'string' ? truth.values.map(() => recorded) : recorded;
}

function withoutMessage(answer: string): string {
  return answer.startsWith('!') ? answer.replace(/:.*$/s, '') : answer;
}
