import { z } from 'zod';
import { type Catalog, FOUNDRY_TARGETS, type FoundryTarget } from '../../domain/foundry/catalog.ts';
import type { Planned, Turn } from '../../domain/foundry/plan.ts';
import { clipTokens } from '../../domain/token-estimate.ts';
import { plainText } from '../narrative/plain-text.ts';
import { promptCatalog } from './prompt-catalog.ts';
import { systemPrompt } from './system-prompt.ts';

/** A query that was tried for this question, and why it gave no answer. */
export interface FailedAttempt {
  target: FoundryTarget;
  query: string;
  problem: string;
}

export interface ModelPlanInput {
  question: string;
  /** The last turns of the conversation, the oldest first. */
  context: readonly Turn[];
  /** Pruned to the question. */
  catalog: Catalog;
  /** Preferred stores. Empty: any. */
  sources: readonly FoundryTarget[];
  failed: readonly FailedAttempt[];
  now: Date;
}

const CATALOG_TOKENS = 12_000;
const TURN_TOKENS = 800;
const PROBLEM_CHARACTERS = 600;
const QUERY_CHARACTERS = 8_000;
const SAID_CHARACTERS = 400;
const KINDS = ['plan', 'clarify', 'unanswerable'] as const;

const text = z.string().nullish();
/** Servers without strict structured output leave out what is null, and models without practice what is obvious. */
const Answer = z
  .object({ kind: z.enum(KINDS).nullish(), target: text, sql: text, explanation: text, ask: text })
  .transform(({ kind, ...said }) => ({ ...said, kind: kind ?? kindOf(said) }));
export type ModelPlan = z.output<typeof Answer>;

function kindOf({ sql, ask }: { sql?: string | null; ask?: string | null }): (typeof KINDS)[number] {
  if (sql?.trim()) return 'plan';
  return ask?.trim() ? 'clarify' : 'unanswerable';
}

const nullable = { type: ['string', 'null'] };
const SCHEMA = {
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'target', 'sql', 'explanation', 'ask'],
  properties: {
    kind: { type: 'string', enum: KINDS },
    target: { type: ['string', 'null'], enum: [...FOUNDRY_TARGETS, null] },
    sql: nullable,
    explanation: nullable,
    ask: nullable,
  },
};

/** What a model is asked for a plan. Whatever comes from a tenant or its data is a string inside one JSON document. */
export function planPrompt({ question, context, catalog, sources, failed, now }: ModelPlanInput) {
  const document = {
    today: now.toISOString().slice(0, 10),
    stores: promptCatalog(catalog, CATALOG_TOKENS),
    preferred_targets: sources,
    earlier_turns: context.map(({ role, content }) => ({ role, content: clipTokens(content, TURN_TOKENS) })),
    question,
    failed_attempts: failed.map(({ target, query, problem }) => ({
      target,
      sql: query.slice(0, QUERY_CHARACTERS),
      problem: problem.slice(0, PROBLEM_CHARACTERS),
    })),
  };
  return {
    system: systemPrompt(catalog.sources.map(({ dialect }) => dialect)),
    user: JSON.stringify(document),
    schema: { name: 'query_plan', schema: SCHEMA },
    answer: Answer,
    maxOutputTokens: 1_500,
  };
}

/** What the model's answer comes to. null: nothing that could be used. */
export function plannedBy({ kind, target, sql, explanation, ask }: ModelPlan): Planned | null {
  const said = plainText(explanation ?? '', SAID_CHARACTERS);
  switch (kind) {
    case 'clarify': {
      const asked = plainText(ask ?? '', SAID_CHARACTERS) || said;
      return asked === '' ? null : { kind, ask: asked };
    }
    case 'unanswerable':
      return { kind, reason: said || 'The data does not hold the answer.' };
    case 'plan': {
      const at = FOUNDRY_TARGETS.find((known) => known === target);
      const query = bareQuery(sql ?? '');
      if (at === undefined || query === '') return null;
      const explanation = said || `One query on ${at}.`;
      return { kind, plan: { target: at, query, explanation, planner: 'model' } };
    }
  }
}

/** Models fence their queries, and end them as on a command line. */
function bareQuery(query: string): string {
  const fenced = /^\s*```[a-z]*\n(.*?)```\s*$/is.exec(query)?.[1] ?? query;
  return fenced.trim().replace(/\s*;$/, '');
}
