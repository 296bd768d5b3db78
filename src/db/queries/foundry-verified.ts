import { and, asc, eq } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { foundryVerified } from '../schema/index.ts';

export type VerifiedAnswer = typeof foundryVerified.$inferSelect;

/** null: the tenant has one for this question. */
export async function insertVerified(
  tx: DbOrTx,
  verified: Omit<VerifiedAnswer, 'createdAt'>,
): Promise<VerifiedAnswer | null> {
  const [kept] = await tx.insert(foundryVerified).values(verified).onConflictDoNothing().returning();
  return kept ?? null;
}

export async function findVerified(
  db: DbOrTx,
  tenantId: string,
  questionKey: string,
): Promise<VerifiedAnswer | null> {
  const [found] = await db
    .select()
    .from(foundryVerified)
    .where(and(eq(foundryVerified.tenantId, tenantId), eq(foundryVerified.questionKey, questionKey)));
  return found ?? null;
}

export async function listVerified(db: DbOrTx, tenantId: string): Promise<VerifiedAnswer[]> {
  return db
    .select()
    .from(foundryVerified)
    .where(eq(foundryVerified.tenantId, tenantId))
    .orderBy(asc(foundryVerified.createdAt), asc(foundryVerified.id));
}

/** False: the tenant has no such one. */
export async function deleteVerified(tx: DbOrTx, tenantId: string, id: string): Promise<boolean> {
  const gone = await tx
    .delete(foundryVerified)
    .where(and(eq(foundryVerified.tenantId, tenantId), eq(foundryVerified.id, id)))
    .returning({ id: foundryVerified.id });
  return gone.length > 0;
}
