import { expect, it } from 'vitest';
import { costOf, modelPrice } from '../../../src/services/llm/prices.ts';

const NONE = { inputUsd: undefined, outputUsd: undefined, isNeeded: false };
const USED = { promptTokens: 1_000_000, cachedPromptTokens: 0, completionTokens: 1_000_000 };

it('a model costs what the list says, by whatever date and vendor it is named', () => {
  const mini = modelPrice('gpt-4o-mini', NONE);
  expect(mini).toEqual({ input: 0.15, cachedInput: 0.075, output: 0.6 });
  expect(modelPrice('gpt-4o-mini-2024-07-18', NONE)).toEqual(mini);
  expect(modelPrice('openai/gpt-4o-mini', NONE)).toEqual(mini);
  expect(costOf(mini, USED)).toBeCloseTo(0.75, 10);
  expect(costOf(mini, { ...USED, cachedPromptTokens: 1_000_000 })).toBeCloseTo(0.675, 10);
});

it('the price of an unknown model is not known, not zero', () => {
  for (const name of ['llama-3.3-70b', 'constructor', '']) expect(modelPrice(name, NONE)).toBeNull();
  expect(costOf(null, USED)).toBeNull();
});

it("the operator's price goes before the list's, and needs both its halves", () => {
  const own = modelPrice('gpt-4o-mini', { inputUsd: 1, outputUsd: 0, isNeeded: true });
  expect(own).toEqual({ input: 1, cachedInput: 1, output: 0 });
  expect(() => modelPrice('x', { ...NONE, inputUsd: 1 })).toThrow('belong together');
});

it('a budget in dollars for a model without a price is refused, since it would bound nothing', () => {
  expect(() => modelPrice('my-model', { ...NONE, isNeeded: true })).toThrow('LLM_INPUT_USD_PER_MILLION');
});
