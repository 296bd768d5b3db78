import { onTestFinished } from 'vitest';
import { z } from 'zod';
import { createOpenAiLlm, type OpenAiOptions } from '../../../src/adapters/llm/openai.ts';
import { type Ctx, contextFor, type LlmSettings } from '../../../src/context.ts';
import { llmCalls } from '../../../src/db/schema/index.ts';
import type { Question } from '../../../src/services/llm/question.ts';
import { createTestDeps, type TestDeps } from '../../harness/context.ts';
import { type OpenAiStub, type StubAnswer, startOpenAiStub } from '../../harness/openai-stub.ts';

export interface Bench {
  deps: TestDeps;
  stub: OpenAiStub;
  ctx(tenantId?: string): Ctx;
  /** No day of UTC ends while a test runs. */
  setNow(time: Date): void;
  calls(): Promise<(typeof llmCalls.$inferSelect)[]>;
}

/** A database of its own and a model that answers these in turn, the last again and again. */
export async function askingBench(
  answers: readonly StubAnswer[],
  { llm: options = {}, limits = {} }: { llm?: Partial<OpenAiOptions>; limits?: Partial<LlmSettings> } = {},
): Promise<Bench> {
  const stub = await startOpenAiStub((_, nth) => answers[nth - 1] ?? answers.at(-1) ?? { hang: true });
  onTestFinished(stub.close);
  const llm = createOpenAiLlm({
    apiKey: 'sk-test-0123456789',
    baseUrl: stub.baseUrl,
    model: 'gpt-4o-mini',
    attempts: 2,
    backoffMs: 1,
    ...options,
  });
  let now = new Date('2026-03-28T12:00:00Z');
  const deps = await createTestDeps({ llm, now: () => now });
  onTestFinished(deps.close);
  Object.assign(deps.settings.llm, { price: { input: 0.15, cachedInput: 0.075, output: 0.6 }, ...limits });
  return {
    deps,
    stub,
    ctx: (tenantId = 'acme') => contextFor(deps, { tenantId, actor: 'user:test' }),
    setNow(time) {
      now = time;
    },
    calls: () => deps.database.db.select().from(llmCalls).orderBy(llmCalls.id),
  };
}

export function question(change: Partial<Question<{ a: number }>> = {}): Question<{ a: number }> {
  return {
    purpose: 'plan',
    subject: 'answer-1',
    system: 'Answer.',
    user: '{"q": 1}',
    schema: { name: 'a', schema: { type: 'object' } },
    answer: z.object({ a: z.number() }),
    maxOutputTokens: 100,
    ...change,
  };
}
