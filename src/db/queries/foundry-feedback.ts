import { and, desc, eq, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { foundryAnswers, foundryFeedback } from '../schema/index.ts';

export type Feedback = typeof foundryFeedback.$inferSelect;
export type NewFeedback = Omit<Feedback, 'createdAt'>;

/** Keeps what someone says of an answer, over what they said of it before. */
export async function upsertFeedback(tx: DbOrTx, feedback: NewFeedback): Promise<Feedback> {
  const { rating, comment } = feedback;
  const [kept] = await tx
    .insert(foundryFeedback)
    .values(feedback)
    .onConflictDoUpdate({
      target: [foundryFeedback.answerId, foundryFeedback.actor],
      set: { rating, comment, createdAt: sql`now()` },
      setWhere: eq(foundryFeedback.tenantId, feedback.tenantId),
    })
    .returning();
  if (kept === undefined) throw new Error('the feedback of another tenant has this id');
  return kept;
}

export interface FeedbackPosition {
  createdAt: string;
  id: string;
}

export interface ListedFeedback
  extends Feedback,
    Pick<typeof foundryAnswers.$inferSelect, 'question' | 'target' | 'query'> {
  /** To the microsecond, as pages are cut by it. */
  position: FeedbackPosition;
}

/** The tenant's feedback, the newest first. */
export async function listFeedback(
  db: DbOrTx,
  tenantId: string,
  {
    after,
    limit,
    rating,
  }: { after: FeedbackPosition | null; limit: number; rating: 'up' | 'down' | undefined },
): Promise<ListedFeedback[]> {
  const at = sql<string>`to_char(${foundryFeedback.createdAt} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  const rows = await db
    .select({
      feedback: foundryFeedback,
      question: foundryAnswers.question,
      target: foundryAnswers.target,
      query: foundryAnswers.query,
      at,
    })
    .from(foundryFeedback)
    .innerJoin(foundryAnswers, eq(foundryAnswers.id, foundryFeedback.answerId))
    .where(
      and(
        eq(foundryFeedback.tenantId, tenantId),
        rating && eq(foundryFeedback.rating, rating),
        after === null
          ? undefined
          : sql`(${foundryFeedback.createdAt}, ${foundryFeedback.id}) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
      ),
    )
    .orderBy(desc(foundryFeedback.createdAt), desc(foundryFeedback.id))
    .limit(limit);
  return rows.map(({ feedback, at, ...answer }) => ({
    ...feedback,
    ...answer,
    position: { createdAt: at, id: feedback.id },
  }));
}
