import { createRoute, z } from '@hono/zod-openapi';
import { listVerified } from '../../../services/foundry/list-verified.ts';
import { removeVerified } from '../../../services/foundry/remove-verified.ts';
import { type VerifyInput, verifyAnswer } from '../../../services/foundry/verify-answer.ts';
import { body, IdempotencyHeader, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { Target, writtenText } from './text.ts';

const NEEDED = 'is needed, or an answer_id';
const OF_ANSWER = "is the answer's: leave it out";

const Verify = z
  .strictObject({
    question: writtenText(4_000).optional(),
    target: Target.optional(),
    sql: writtenText(20_000).optional(),
    explanation: writtenText(2_000).optional(),
    answer_id: z.string().optional().openapi({
      description:
        'An answer whose question and query are meant; beside it question and explanation may be said otherwise. Without it all four others are needed.',
    }),
  })
  .transform(({ answer_id: answerId, sql: query, ...said }, { addIssue }): VerifyInput => {
    const issue = (field: string, message: string) => addIssue({ code: 'custom', path: [field], message });
    const { question, target, explanation } = said;
    if (answerId !== undefined) {
      if (target !== undefined) issue('target', OF_ANSWER);
      if (query !== undefined) issue('sql', OF_ANSWER);
      return { answerId, question, explanation };
    }
    if (question === undefined) issue('question', NEEDED);
    if (target === undefined) issue('target', NEEDED);
    if (query === undefined) issue('sql', NEEDED);
    if (explanation === undefined) issue('explanation', NEEDED);
    const isWhole = question && target && query && explanation;
    return isWhole ? { question, target, query, explanation } : z.NEVER;
  })
  .openapi('VerifyFoundryAnswer');

const Verified = z
  .object({
    id: z.string(),
    question: z.string(),
    target: Target,
    sql: z.string(),
    explanation: z.string(),
    created_at: Timestamp,
  })
  .openapi('VerifiedFoundryAnswer');

const add = createRoute({
  method: 'post',
  path: '/v1/foundry/verified',
  tags: ['Foundry'],
  summary: 'Verify an answer',
  description:
    'Keeps a reviewed question with its query: the same question (case, punctuation and spaces aside) is answered by it from now on. The query is guarded now and whenever it is used.',
  security: SECURITY,
  request: { headers: IdempotencyHeader, body: body(Verify) },
  responses: { 201: json(Verified, 'Kept'), ...problems(400, 404, 409, 413, 415, 422) },
});

const list = createRoute({
  method: 'get',
  path: '/v1/foundry/verified',
  tags: ['Foundry'],
  summary: 'List verified answers',
  security: SECURITY,
  responses: {
    200: json(
      z.object({ verified: z.array(Verified), count: z.int() }).openapi('VerifiedFoundryAnswerList'),
      'The verified answers, the oldest first',
    ),
    ...problems(),
  },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/foundry/verified/{id}',
  tags: ['Foundry'],
  summary: 'Forget a verified answer',
  security: SECURITY,
  request: { params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }) },
  responses: { 204: { description: 'Forgotten' }, ...problems(404) },
});

export function foundryVerifiedRoutes(app: Api): void {
  app.openapi(add, async (c) => {
    const kept = await verifyAnswer(c.get('ctx'), c.req.valid('json'));
    return c.json(entryOf(kept), 201);
  });
  app.openapi(list, async (c) => {
    const verified = (await listVerified(c.get('ctx'))).map(entryOf);
    return c.json({ verified, count: verified.length }, 200);
  });
  app.openapi(remove, async (c) => {
    await removeVerified(c.get('ctx'), c.req.valid('param').id);
    return c.body(null, 204);
  });
}

type Kept = Awaited<ReturnType<typeof verifyAnswer>>;

function entryOf({ id, question, target, query, explanation, createdAt }: Kept) {
  return { id, question, target, sql: query, explanation, created_at: timestamp(createdAt) };
}
