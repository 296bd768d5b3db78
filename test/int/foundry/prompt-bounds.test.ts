import { expect, test } from 'vitest';
import type { CatalogTable } from '../../../src/domain/foundry/catalog.ts';
import { estimateTokens } from '../../../src/domain/token-estimate.ts';
import { planPrompt } from '../../../src/foundry/model-planner/plan-question.ts';

function table(name: string): CatalogTable {
  return {
    name,
    kind: 'table',
    description: `What ${name} is about`,
    rowCount: 12_345,
    columns: Array.from({ length: 30 }, (_, n) => ({
      name: `column_${n}`,
      type: 'text',
      nullable: true,
      description: 'A description of some words '.repeat(20),
      samples: Array.from({ length: 30 }, (_, m) => `sample value ${m}`),
    })),
    keys: [['column_0']],
    references: [],
    tenantColumn: null,
    timeColumn: null,
  };
}

test('the question to a model is bounded, however much there is', { timeout: 120_000 }, () => {
  const tables = Array.from({ length: 400 }, (_, n) => table(`ns.t${n}`));
  const { user } = planPrompt({
    question: 'y '.repeat(2_000),
    context: Array.from({ length: 4 }, () => ({ role: 'user' as const, content: 'x '.repeat(100_000) })),
    catalog: { sources: [{ target: 'iomete', dialect: 'spark', available: true, tables }] },
    sources: [],
    failed: [{ target: 'iomete', query: 'q'.repeat(90_000), problem: 'p'.repeat(90_000) }],
    now: new Date('2026-11-21T23:00:00Z'),
  });
  expect(estimateTokens(user)).toBeLessThan(28_000);
  const [store] = JSON.parse(user).stores;
  expect(store.tables.length).toBeGreaterThan(10);
  expect(store.tables[0].name).toBe('ns.t0');
});
