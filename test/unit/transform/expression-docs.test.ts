import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InvalidError } from '../../../src/errors.ts';
import { checkExpression } from '../../../src/transform/expression/check-expression.ts';

const PAGE = readFileSync(new URL('../../../docs/expressions.md', import.meta.url), 'utf8');
const REFUSED = [...PAGE.matchAll(/^\| `(expression\.\w+)` \| `(.+)` \| `(.+)` \|$/gm)];
const PATTERNS = [...PAGE.matchAll(/^\| [A-Z][^|]* \| `(.+)` \|$/gm)];

describe('docs/expressions.md', () => {
  test('lists what is refused', () => expect(REFUSED.length).toBeGreaterThanOrEqual(20));

  test.each(REFUSED.map(([, code = '', expression = '', named = '']) => ({ code, expression, named })))(
    '$expression is refused with $code, and the construct is named',
    ({ code, expression, named }) => {
      const refusal = refusalOf(expression);
      expect(refusal?.code).toBe(code);
      expect(refusal?.message).toContain(named);
      expect(refusal?.message).toMatch(/\(column \d+\)$/);
    },
  );

  test.each(PATTERNS.map(([, expression = '']) => expression))('the pattern %s is accepted', (expression) => {
    expect(refusalOf(expression)).toBeNull();
  });
});

function refusalOf(expression: string): InvalidError | null {
  try {
    checkExpression(expression);
    return null;
  } catch (error) {
    if (error instanceof InvalidError) return error;
    throw error;
  }
}
