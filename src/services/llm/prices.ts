import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidError } from '../../errors.ts';
import type { LlmPrice, LlmUsage } from '../../ports/llm.ts';

const amount = z.number().min(0);
const PriceList = z.object({
  models: z.record(z.string(), z.object({ input: amount, cached_input: amount, output: amount })),
});

export interface OwnPrice {
  inputUsd: number | undefined;
  outputUsd: number | undefined;
  /** A budget in dollars is set: without a price it would bound nothing. */
  isNeeded: boolean;
}

/**
 * What a model costs: the operator's own price, else the list's (`prices.json`) for its name, whatever the date and the vendor it is
 * written with ("openai/gpt-4o-mini-2024-07-18"). null: not known. Throws InvalidError `config.invalid`.
 */
export function modelPrice(model: string, { inputUsd, outputUsd, isNeeded }: OwnPrice): LlmPrice | null {
  if ((inputUsd === undefined) !== (outputUsd === undefined)) {
    throw new InvalidError(
      'config.invalid',
      'LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION belong together: give both or neither.',
    );
  }
  if (inputUsd !== undefined && outputUsd !== undefined)
    return { input: inputUsd, cachedInput: inputUsd, output: outputUsd };
  const listed = listPrice(model);
  if (listed === null && isNeeded) {
    throw new InvalidError(
      'config.invalid',
      `LLM_TENANT_DAILY_USD needs the price of "${model}", which is not on the list: give LLM_INPUT_USD_PER_MILLION and LLM_OUTPUT_USD_PER_MILLION.`,
    );
  }
  return listed;
}

/** US dollars; null: the price is not known. */
export function costOf(price: LlmPrice | null, usage: Omit<LlmUsage, 'model'>): number | null {
  if (price === null) return null;
  const cached = Math.min(usage.cachedPromptTokens, usage.promptTokens);
  const fresh = usage.promptTokens - cached;
  return (
    (fresh * price.input + cached * price.cachedInput + usage.completionTokens * price.output) / 1_000_000
  );
}

function listPrice(model: string): LlmPrice | null {
  const { models } = PriceList.parse(
    JSON.parse(readFileSync(new URL('./prices.json', import.meta.url), 'utf8')),
  );
  const name = model.replace(/^openai\//, '').replace(/-\d{4}-\d{2}-\d{2}$/, '');
  const found = Object.hasOwn(models, name) ? models[name] : undefined;
  return found ? { input: found.input, cachedInput: found.cached_input, output: found.output } : null;
}
