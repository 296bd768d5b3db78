import type { Ctx } from '../../context.ts';
import { insertAuditEvent } from '../../db/queries/audit.ts';
import { deleteVerified } from '../../db/queries/foundry-verified.ts';
import { isFoundryId, verifiedNotFound } from './foundry-id.ts';

/** From now on the question is planned like any other. Throws NotFoundError `foundry.verified_not_found`. */
export async function removeVerified(ctx: Ctx, id: string): Promise<void> {
  if (!isFoundryId(id)) throw verifiedNotFound();
  await ctx.database.db.transaction(async (tx) => {
    if (!(await deleteVerified(tx, ctx.tenantId, id))) throw verifiedNotFound();
    await insertAuditEvent(tx, ctx, { action: 'foundry.unverify', subject: id });
  });
}
