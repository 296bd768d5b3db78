import { sql } from 'drizzle-orm';
import { bigint, doublePrecision, index, integer, json, primaryKey, text } from 'drizzle-orm/pg-core';
import { instant } from './columns.ts';
import { etl } from './connectors.ts';

/** Every question put to a model, with what it cost. Never the question nor the answer. */
export const llmCalls = etl.table(
  'llm_calls',
  {
    id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    tenantId: text('tenant_id').notNull(),
    /** "mapping", "plan", "narrative" */
    purpose: text('purpose').notNull(),
    /** What it was asked for: the id of a mapping job or of a Foundry answer. */
    subject: text('subject'),
    model: text('model').notNull(),
    /** asking: under way, or lost with its worker; its tokens and cost are then what they may come to at most. */
    outcome: text('outcome').$type<'asking' | 'answered' | 'cached' | 'refused' | 'unavailable'>().notNull(),
    attempts: integer('attempts').notNull(),
    promptTokens: integer('prompt_tokens').notNull(),
    completionTokens: integer('completion_tokens').notNull(),
    /** US dollars by the price list of the time; null: the model's price is not known. */
    costUsd: doublePrecision('cost_usd'),
    durationMs: integer('duration_ms').notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [index('llm_calls_tenant').on(t.tenantId, t.createdAt)],
);

/** Answers of models by what they were asked: the same question of the same tenant is not paid twice. */
export const llmAnswers = etl.table(
  'llm_answers',
  {
    tenantId: text('tenant_id').notNull(),
    /** SHA-256 of the model, the messages and the schema of the answer, in hex. */
    key: text('key').notNull(),
    model: text('model').notNull(),
    answer: json('answer').$type<unknown>().notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.key] }), index('llm_answers_age').on(t.createdAt)],
);
