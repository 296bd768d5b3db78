import { onTestFinished } from 'vitest';
import { createOpenAiLlm, type OpenAiOptions } from '../../../src/adapters/llm/openai.ts';
import type { LlmRequest } from '../../../src/ports/llm.ts';
import { type StubAnswer, type StubOptions, startOpenAiStub } from '../../harness/openai-stub.ts';

export const REQUEST: LlmRequest = {
  purpose: 'mapping',
  tenantId: 'acme',
  system: 'You map.',
  user: '{"fields":[]}',
  schema: {
    name: 'answer',
    schema: { type: 'object', additionalProperties: false, required: [], properties: {} },
  },
  maxOutputTokens: 100,
};

export const never = new AbortController().signal;

/** The adapter against a server that gives these answers in turn, the last one again and again. */
export async function against(
  answers: readonly StubAnswer[],
  options: Partial<OpenAiOptions> = {},
  server: StubOptions = {},
) {
  const stub = await startOpenAiStub(
    (_, nth) => answers[nth - 1] ?? answers.at(-1) ?? { hang: true },
    server,
  );
  onTestFinished(stub.close);
  const llm = createOpenAiLlm({
    apiKey: 'sk-test',
    baseUrl: stub.baseUrl,
    model: 'gpt-4o-mini',
    backoffMs: 1,
    ...options,
  });
  return { stub, llm };
}
