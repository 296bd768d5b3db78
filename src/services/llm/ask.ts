import { createHash } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { findAnswer, keepAnswer } from '../../db/queries/llm-answers.ts';
import { insertCachedCall } from '../../db/queries/llm-calls.ts';
import { InvalidError } from '../../errors.ts';
import type { LlmRequest } from '../../ports/llm.ts';
import { type Call, openCall } from './open-call.ts';
import type { Question } from './question.ts';

export interface Answered<Answer> {
  value: Answer;
  model: string;
  isCached: boolean;
}

/** For how long an answer serves the same question again; the prune job knows the same number. */
const KEPT_DAYS = 30;

/**
 * The one way to a model: a question that this tenant has asked before gets the answer it got, any other goes out within the tenant's limits, and
 * each leaves a row in etl.llm_calls. Throws InvalidError `llm.not_configured`, `llm.budget_spent`, `llm.refused` (this question or its
 * answer), `llm.key_refused`, `llm.quota_spent`, `llm.model_unknown`; UnavailableError `llm.unavailable`, `llm.tenant_busy` (too many of
 * the tenant's questions are under way: later there is room). An aborted signal is thrown as its own reason.
 */
export async function ask<Answer>(
  ctx: Ctx,
  question: Question<Answer>,
  signal: AbortSignal,
): Promise<Answered<Answer>> {
  const { llm, tenantId } = ctx;
  if (llm === null) throw new InvalidError('llm.not_configured', 'No model is configured.');
  const key = keyOf(llm.model, question);
  const kept = await keptAnswer(ctx, question, key);
  if (kept) return kept;
  const call = await openCall(ctx, llm.model, question);
  const attributes = { 'gen_ai.request.model': llm.model, 'ivory.purpose': question.purpose };
  try {
    const answer = await ctx.tracing.span('llm.call', { kind: 'client', attributes }, async (span) => {
      const told = await llm.complete(requestOf(ctx, question, call), signal);
      span.set({
        'gen_ai.usage.input_tokens': told.promptTokens,
        'gen_ai.usage.output_tokens': told.completionTokens,
      });
      return told;
    });
    const { model } = answer;
    const value = usable(question, answer.value);
    await ctx.database.db.transaction(async (tx) => {
      await keepAnswer(tx, { tenantId, key, model, answer: answer.value });
      await call.end(tx, 'answered');
    });
    call.count('answered');
    return { value, model, isCached: false };
  } catch (error) {
    await call.fail(error);
    throw error;
  }
}

async function keptAnswer<Answer>(
  { database: { db }, tenantId, now, metrics }: Ctx,
  { purpose, subject, answer }: Question<Answer>,
  key: string,
): Promise<Answered<Answer> | null> {
  const found = await findAnswer(db, { tenantId, key, days: KEPT_DAYS });
  const parsed = found && answer.safeParse(found.answer);
  if (!parsed?.success) return null;
  const model = found?.model ?? '';
  await insertCachedCall(db, { tenantId, purpose, subject: subject ?? null, model, createdAt: now() });
  metrics.llmAsked({ purpose, outcome: 'cached', inputTokens: 0, outputTokens: 0, usd: 0 });
  return { value: parsed.data, model, isCached: true };
}

/** Another model, another word of the prompt, another shape of the answer: another question. */
function keyOf(model: string, { system, user, schema, maxOutputTokens }: Question<unknown>): string {
  const content = JSON.stringify([model, system, user, schema, maxOutputTokens]);
  return createHash('sha256').update(content).digest('hex');
}

function requestOf(
  { tenantId }: Ctx,
  { purpose, system, user, schema, maxOutputTokens, timeoutMs }: Question<unknown>,
  { onAttempt, onUsage }: Call,
): LlmRequest {
  const time = timeoutMs === undefined ? {} : { timeoutMs };
  return { purpose, tenantId, system, user, schema, maxOutputTokens, ...time, onAttempt, onUsage };
}

function usable<Answer>({ answer }: Question<Answer>, value: unknown): Answer {
  const parsed = answer.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map(({ path }) => path.join('.')).slice(0, 5);
  throw new InvalidError('llm.refused', 'The model answered in another shape than it was asked for.', {
    internal: `wrong at: ${where.join(', ')}`,
  });
}
