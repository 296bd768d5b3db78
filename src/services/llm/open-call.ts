import type { Ctx } from '../../context.ts';
import type { DbOrTx } from '../../db/client.ts';
import {
  type Admission,
  admitCall,
  endCall,
  type LlmCall,
  withdrawCall,
} from '../../db/queries/llm-calls.ts';
import { estimateTokens } from '../../domain/token-estimate.ts';
import { AppError, InvalidError, UnavailableError } from '../../errors.ts';
import type { LlmUsage } from '../../ports/llm.ts';
import { costOf } from './prices.ts';
import type { Question } from './question.ts';

/** A question under way: its row in etl.llm_calls, and what it has come to. */
export interface Call {
  onAttempt(): void;
  onUsage(usage: LlmUsage): void;
  end(db: DbOrTx, outcome: LlmCall['outcome']): Promise<void>;
  /** Once the end is committed. */
  count(outcome: 'answered' | 'failed'): void;
  /** Ends it as what the error says; nothing stays of a question that never went out. */
  fail(error: unknown): Promise<void>;
}

/** How long after its time a call may still be counted as under way: the clocks and pauses of a busy worker. */
const GRACE_MS = 15_000;

/**
 * Takes a place among the tenant's calls. Throws UnavailableError `llm.tenant_busy` when they are all taken, InvalidError
 * `llm.budget_spent` when the question could pass what the tenant may use.
 */
export async function openCall(ctx: Ctx, model: string, question: Question<unknown>): Promise<Call> {
  const { database, tenantId, settings, log, metrics } = ctx;
  const { purpose, system, user, maxOutputTokens } = question;
  const subject = question.subject ?? null;
  const { price } = settings.llm;
  const atMost = {
    promptTokens: estimateTokens(system) + estimateTokens(user),
    cachedPromptTokens: 0,
    completionTokens: maxOutputTokens,
  };
  const { promptTokens, completionTokens } = atMost;
  const row = { tenantId, purpose, subject, model, promptTokens, completionTokens };
  const admission = await admitCall(database.db, { ...row, costUsd: costOf(price, atMost) }, limitsOf(ctx));
  if (admission.kind === 'limited') throw limitReached(admission.by, settings.llm);
  const startedAt = performance.now();
  const spent = { model, promptTokens: 0, cachedPromptTokens: 0, completionTokens: 0 };
  let attempts = 0;

  async function end(db: DbOrTx, outcome: LlmCall['outcome']): Promise<void> {
    const durationMs = Math.round(performance.now() - startedAt);
    const { cachedPromptTokens: _, ...tokens } = spent;
    const result = { outcome, attempts, ...tokens, costUsd: costOf(price, spent), durationMs };
    await endCall(db, tenantId, admission.kind === 'admitted' ? admission.id : 0, result);
    const { promptTokens: input_tokens, completionTokens: output_tokens } = tokens;
    const said = { purpose, subject, outcome, attempts, model: spent.model, input_tokens, output_tokens };
    log.info({ event: 'llm.asked', ...said, usd: result.costUsd, duration_ms: durationMs }, 'model asked');
  }
  function count(outcome: 'answered' | 'failed'): void {
    const { promptTokens: inputTokens, completionTokens: outputTokens } = spent;
    metrics.llmAsked({ purpose, outcome, inputTokens, outputTokens, usd: costOf(price, spent) });
  }
  return {
    onAttempt() {
      attempts += 1;
    },
    onUsage(usage) {
      spent.model = usage.model;
      spent.promptTokens += usage.promptTokens;
      spent.cachedPromptTokens += usage.cachedPromptTokens;
      spent.completionTokens += usage.completionTokens;
    },
    end,
    count,
    async fail(error) {
      const { db } = database;
      if (attempts === 0) return withdrawCall(db, tenantId, admission.id);
      const isRefused = error instanceof AppError && error.retry === 'terminal';
      await end(db, isRefused ? 'refused' : 'unavailable');
      count('failed');
      if (error instanceof AppError)
        log.warn({ event: 'llm.unanswered', purpose, ...failureOf(error) }, 'no answer of the model');
    },
  };
}

/** What a server says of one question may quote it; what it says of the account does not. */
function failureOf({ code, message, internal }: AppError) {
  const isOfAccount = ['llm.key_refused', 'llm.quota_spent', 'llm.model_unknown'].includes(code);
  return { code, reason: message, detail: isOfAccount ? internal : undefined };
}

export function longestCallMs({ settings }: Pick<Ctx, 'settings'>): number {
  return settings.llm.timeoutMs + GRACE_MS;
}

function limitsOf(ctx: Ctx) {
  const { tenantMaxCalls, tenantMinuteTokens, tenantDailyTokens, tenantDailyUsd } = ctx.settings.llm;
  return {
    calls: tenantMaxCalls,
    minuteTokens: tenantMinuteTokens,
    dailyTokens: tenantDailyTokens,
    dailyUsd: tenantDailyUsd,
    longestMs: longestCallMs(ctx),
    now: ctx.now(),
  };
}

function limitReached(
  by: Extract<Admission, { kind: 'limited' }>['by'],
  limits: Ctx['settings']['llm'],
): AppError {
  switch (by) {
    case 'calls':
      return new UnavailableError(
        'llm.tenant_busy',
        `As many of your questions as may be (${limits.tenantMaxCalls}) are with the model already.`,
      );
    case 'minuteTokens':
      return new InvalidError(
        'llm.budget_spent',
        `Your ${limits.tenantMinuteTokens} tokens a minute for the model are used.`,
      );
    case 'dailyTokens':
      return new InvalidError(
        'llm.budget_spent',
        `Your ${limits.tenantDailyTokens} tokens a day for the model are used.`,
      );
    case 'dailyUsd':
      return new InvalidError(
        'llm.budget_spent',
        `Your ${limits.tenantDailyUsd} US dollars a day for the model are used.`,
      );
  }
}
