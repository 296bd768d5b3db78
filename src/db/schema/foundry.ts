import { sql } from 'drizzle-orm';
import {
  boolean,
  doublePrecision,
  index,
  integer,
  pgSchema,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Plan } from '../../domain/foundry/plan.ts';
import { instant } from './columns.ts';

export const foundry = pgSchema('foundry');

/** Every question asked, with what became of it. Never a row of an answer. */
export const foundryAnswers = foundry.table(
  'answers',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    question: text('question').notNull(),
    /** Earlier turns it was asked with: a follow-up may mean nothing alone. */
    turns: integer('turns').notNull(),
    /** asking: under way, or lost with its process. */
    outcome: text('outcome')
      .$type<'asking' | 'answered' | 'clarified' | 'unanswerable' | 'refused' | 'failed' | 'cancelled'>()
      .notNull()
      .default('asking'),
    target: text('target').$type<FoundryTarget>(),
    /** As the planner wrote it, before the guard. */
    query: text('query'),
    explanation: text('explanation'),
    planner: text('planner').$type<Plan['planner']>(),
    /** Queries tried after the first. */
    repairs: integer('repairs').notNull().default(0),
    errorCode: text('error_code'),
    rowCount: integer('row_count').notNull().default(0),
    truncated: boolean('truncated').notNull().default(false),
    durationMs: doublePrecision('duration_ms').notNull().default(0),
    requestId: text('request_id'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    index('foundry_answers_tenant').on(t.tenantId, t.createdAt),
    index('foundry_answers_age').on(t.createdAt),
    index('foundry_answers_asking').on(t.tenantId).where(sql`outcome = 'asking'`),
  ],
);

/** What people said of answers: the last word of each person on each answer. */
export const foundryFeedback = foundry.table(
  'feedback',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    answerId: uuid('answer_id')
      .notNull()
      .references(() => foundryAnswers.id, { onDelete: 'cascade' }),
    actor: text('actor').notNull(),
    rating: text('rating').$type<'up' | 'down'>().notNull(),
    comment: text('comment'),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [
    uniqueIndex('foundry_feedback_once').on(t.answerId, t.actor),
    index('foundry_feedback_tenant').on(t.tenantId, t.createdAt),
  ],
);

/** Questions whose queries a person has reviewed: asked again, they are answered by those. */
export const foundryVerified = foundry.table(
  'verified_answers',
  {
    id: uuid('id').primaryKey(),
    tenantId: text('tenant_id').notNull(),
    question: text('question').notNull(),
    /** The question without what does not change it: case, punctuation, spaces. */
    questionKey: text('question_key').notNull(),
    target: text('target').$type<FoundryTarget>().notNull(),
    query: text('query').notNull(),
    explanation: text('explanation').notNull(),
    actor: text('actor').notNull(),
    createdAt: instant('created_at').notNull().default(sql`now()`),
  },
  (t) => [uniqueIndex('foundry_verified_question').on(t.tenantId, t.questionKey)],
);
