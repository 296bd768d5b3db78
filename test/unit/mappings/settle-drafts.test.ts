import { describe, expect, it } from 'vitest';
import type { StagedField } from '../../../src/db/queries/staged-samples.ts';
import type { ExpressionEngine } from '../../../src/ports/expressions.ts';
import { settleDrafts } from '../../../src/services/mappings/settle-drafts.ts';

/** Answers every expression with the value itself. */
const engine: ExpressionEngine = {
  check: () => undefined,
  evaluate: async (_, values) => values.map((value) => ({ ok: true, value })),
  close: async () => undefined,
};

interface Case {
  sourceType: string;
  targetType: string;
  staged?: Pick<StagedField, 'stagingType' | 'texts'>;
  isDecided?: boolean;
}

/** What becomes of a proposal at 1.0 for a field of the column's own name. */
async function settled({ sourceType, targetType, staged, isDecided = false }: Case) {
  const fields = new Map(staged ? [['seen', { column: 'seen', ...staged }]] : []);
  const proposal = {
    ...{ sourceField: 'seen', sourceType, targetColumn: 'seen', targetType },
    ...{ transformFn: null, isKey: false, llmMapped: false, confidenceScore: 1 },
    ...{ reason: 'The names are the same.', alternatives: [] },
  };
  const drafts = [{ proposal, isDecided, fallback: null }];
  const signal = new AbortController().signal;
  const [answer] = await settleDrafts(engine, drafts, { primaryKey: [], fields }, signal);
  return answer;
}

describe('a proposal whose values cannot get into its column', () => {
  it.each<[string, Case]>([
    ['by its types', { sourceType: 'number', targetType: 'timestamptz' }],
    [
      'by its types, though a reviewer chose it',
      { sourceType: 'number', targetType: 'date', isDecided: true },
    ],
    [
      'by the type it has in staging',
      { sourceType: 'x', targetType: 'timestamptz', staged: { stagingType: 'numeric', texts: [] } },
    ],
    [
      'by every value there is',
      {
        sourceType: 'string',
        targetType: 'bigint',
        staged: { stagingType: 'text', texts: ['one', null, 'two'] },
      },
    ],
  ])('needs review: %s', async (_, known) => {
    const answer = await settled(known);
    expect(answer?.confidenceScore).toBe(0.65);
    expect(answer?.reason).toContain('No value fits without a transform.');
  });

  it.each<[string, Case]>([
    [
      'some of its values fit',
      {
        sourceType: 'string',
        targetType: 'bigint',
        staged: { stagingType: 'text', texts: ['one', '2'] },
      },
    ],
    [
      'no value is there to fail',
      {
        sourceType: 'string',
        targetType: 'bigint',
        staged: { stagingType: 'text', texts: [null, null] },
      },
    ],
    ['the types may fit', { sourceType: 'string', targetType: 'timestamptz' }],
  ])('keeps its confidence where %s', async (_, known) => {
    expect((await settled(known))?.confidenceScore).toBe(1);
  });
});
