import type { Ctx } from '../../context.ts';
import {
  type FeedbackPosition,
  type ListedFeedback,
  listFeedback as select,
} from '../../db/queries/foundry-feedback.ts';
import { oneMore, type Page, pageOf } from '../../domain/page.ts';

export interface ListFeedbackInput {
  limit: number;
  after: FeedbackPosition | null;
  rating: 'up' | 'down' | undefined;
}

/** What was said of the tenant's answers, the newest first, with the question and the query it was said of. */
export async function listFeedback(
  ctx: Ctx,
  { limit, ...asked }: ListFeedbackInput,
): Promise<Page<ListedFeedback>> {
  const rows = await select(ctx.database.db, ctx.tenantId, { ...asked, limit: oneMore(limit) });
  return pageOf(rows, limit);
}
