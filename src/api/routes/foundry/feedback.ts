import { createRoute, z } from '@hono/zod-openapi';
import { giveFeedback } from '../../../services/foundry/give-feedback.ts';
import { listFeedback } from '../../../services/foundry/list-feedback.ts';
import { body, IdempotencyHeader, json, problems, SECURITY, Timestamp, timestamp } from '../../contract.ts';
import type { Api } from '../../env.ts';
import { createCursor, cursorParam, limitParam, NextCursor, nextCursor } from '../../page.ts';
import { Target, writtenText } from './text.ts';

const Rating = z.enum(['up', 'down']);

const Feedback = z
  .object({
    answer_id: z.string(),
    rating: Rating,
    comment: z.string().nullable(),
    created_at: Timestamp,
  })
  .openapi('FoundryFeedback');

const FeedbackList = z
  .object({
    feedback: z.array(
      Feedback.extend({ question: z.string(), target: Target.nullable(), sql: z.string().nullable() }),
    ),
    count: z.int(),
    next_cursor: NextCursor,
  })
  .openapi('FoundryFeedbackList');

const give = createRoute({
  method: 'post',
  path: '/v1/foundry/answers/{id}/feedback',
  tags: ['Foundry'],
  summary: 'Say whether an answer was good',
  description: 'Said again, it stands for what was said before.',
  security: SECURITY,
  request: {
    params: z.object({ id: z.string().openapi({ param: { name: 'id', in: 'path' } }) }),
    headers: IdempotencyHeader,
    body: body(
      z
        .strictObject({ rating: Rating, comment: writtenText(2_000).nullish() })
        .openapi('GiveFoundryFeedback'),
    ),
  },
  responses: { 200: json(Feedback, 'Kept'), ...problems(400, 404, 413, 415, 422) },
});

const list = createRoute({
  method: 'get',
  path: '/v1/foundry/feedback',
  tags: ['Foundry'],
  summary: 'List feedback',
  description: 'The newest first.',
  security: SECURITY,
  request: { query: z.object({ limit: limitParam(50), cursor: cursorParam, rating: Rating.optional() }) },
  responses: { 200: json(FeedbackList, 'The feedback'), ...problems(422) },
});

const cursor = createCursor('foundry-feedback', z.tuple([z.iso.datetime(), z.uuid()]));

export function foundryFeedbackRoutes(app: Api): void {
  app.openapi(give, async (c) => {
    const { rating, comment } = c.req.valid('json');
    const answerId = c.req.valid('param').id;
    const kept = await giveFeedback(c.get('ctx'), { answerId, rating, comment: comment ?? null });
    return c.json(entryOf(kept), 200);
  });
  app.openapi(list, async (c) => {
    const { limit, rating, cursor: at } = c.req.valid('query');
    const [createdAt, id] = cursor.read(at) ?? [];
    const after = createdAt === undefined || id === undefined ? null : { createdAt, id };
    const page = await listFeedback(c.get('ctx'), { limit, rating, after });
    const feedback = page.items.map((item) => {
      const { question, target, query } = item;
      return { ...entryOf(item), question, target, sql: query };
    });
    const next = nextCursor(page, cursor, ({ position }) => [position.createdAt, position.id]);
    return c.json({ feedback, count: feedback.length, ...next }, 200);
  });
}

type Kept = Awaited<ReturnType<typeof giveFeedback>>;

function entryOf({ answerId, rating, comment, createdAt }: Kept) {
  return { answer_id: answerId, rating, comment, created_at: timestamp(createdAt) };
}
