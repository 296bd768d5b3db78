import { createRoute, z } from '@hono/zod-openapi';
import { FOUNDRY_TARGETS } from '../../../domain/foundry/catalog.ts';
import { askQuestion } from '../../../services/foundry/ask-question.ts';
import type { FoundryAnswer } from '../../../services/foundry/outcome.ts';
import { body, IdempotencyHeader, json, problems, SECURITY } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { Target, writtenText } from './text.ts';

const MAX_QUESTION = 4_000;

const Query = z
  .strictObject({
    question: writtenText(MAX_QUESTION).openapi({
      example: "What were Apple's top 3 revenue segments by growth in FY2024?",
    }),
    context: z
      .array(z.strictObject({ role: z.enum(['user', 'assistant']), content: z.string() }))
      .default([])
      .openapi({ description: 'Earlier turns, the oldest first; the last four are used.' }),
    sources: z
      .array(z.enum(FOUNDRY_TARGETS))
      .default([])
      .openapi({ description: 'Preferred stores. Empty: whichever holds the answer.' }),
  })
  .openapi('FoundryQuery');

const Plan = z.object({
  target: Target,
  sql: z.string().openapi({ description: 'What ran (Cypher for the graph); with an error, what did not.' }),
  explanation: z.string(),
  planner: z.enum(['built-in', 'model', 'verified']).openapi({
    description: 'verified: a person has reviewed this query for this question.',
  }),
});

const Answer = z
  .object({
    id: z.string(),
    question: z.string(),
    plan: Plan.nullable(),
    columns: z.array(z.string()).openapi({ description: 'In the order of the values; names may repeat.' }),
    result: z
      .array(z.array(z.unknown()))
      .nullable()
      .openapi({ description: 'Rows. null: there is no answer.', example: [['Services', 85200, 14.2]] }),
    row_count: z.int(),
    truncated: z.boolean().openapi({ description: 'There are, or may be, more rows.' }),
    narrative: z.string().nullable().openapi({ description: 'One to three sentences, or a question back.' }),
    duration_ms: z.number(),
    error: z.string().nullable().openapi({ description: 'Why there is no answer and what to do.' }),
    error_code: z.string().nullable().openapi({ example: 'guard.relation_refused' }),
    verified: z.boolean(),
    unavailable: z.array(Target).openapi({ description: 'Stores that did not answer.' }),
    notes: z.array(z.string()).openapi({ description: 'Why it was not done as usual.' }),
  })
  .openapi('FoundryAnswer');

const contract = createRoute({
  method: 'post',
  path: '/v1/foundry/query',
  tags: ['Foundry'],
  summary: 'Ask a question',
  description:
    'Answers a question in plain words with one read-only query on one of the stores. A question that cannot be answered, a refused and a failed query answer 200 with `error` set.',
  security: SECURITY,
  request: { headers: IdempotencyHeader, body: body(Query) },
  responses: { 200: json(Answer, 'The answer'), ...problems(400, 413, 415, 422, 429) },
});

export function foundryQueryRoute(app: Api): void {
  app.openapi(contract, async (c) => {
    const answer = await askQuestion(c.get('ctx'), c.req.valid('json'), c.req.raw.signal);
    return c.json(entryOf(answer), 200);
  });
}

function entryOf({ rowCount, durationMs, error, ...answer }: FoundryAnswer) {
  const { id, question, plan, columns, result, truncated, narrative, unavailable, notes } = answer;
  return {
    id,
    question,
    plan,
    columns,
    result,
    row_count: rowCount,
    truncated,
    narrative,
    duration_ms: Math.round(durationMs * 10) / 10,
    error: error?.message ?? null,
    error_code: error?.code ?? null,
    verified: plan?.planner === 'verified' && error === null,
    unavailable,
    notes,
  };
}
