import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { findFoundryAnswer } from '../../db/queries/foundry-answers.ts';
import { type Feedback, upsertFeedback } from '../../db/queries/foundry-feedback.ts';
import { answerNotFound, isFoundryId } from './foundry-id.ts';

export interface GiveFeedbackInput {
  answerId: string;
  rating: 'up' | 'down';
  comment: string | null;
}

/** Keeps what the actor says of an answer, over what it said before. Throws NotFoundError `foundry.answer_not_found`. */
export async function giveFeedback(ctx: Ctx, { answerId, ...said }: GiveFeedbackInput): Promise<Feedback> {
  if (!isFoundryId(answerId)) throw answerNotFound();
  const { tenantId, actor } = ctx;
  return ctx.database.db.transaction(async (tx) => {
    if (!(await findFoundryAnswer(tx, tenantId, answerId))) throw answerNotFound();
    const kept = await upsertFeedback(tx, { id: ctx.newId(), tenantId, answerId, actor, ...said });
    const detail = { rating: said.rating };
    await insertAuditEvent(tx, ctx, { action: 'foundry.feedback', subject: answerId, detail });
    return kept;
  });
}
