import type { Ctx } from '../../context.ts';
import { listVerified as select, type VerifiedAnswer } from '../../db/queries/foundry-verified.ts';

/** The tenant's verified answers, the oldest first. */
export async function listVerified(ctx: Ctx): Promise<VerifiedAnswer[]> {
  return select(ctx.database.db, ctx.tenantId);
}
