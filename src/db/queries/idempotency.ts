import { and, eq, isNull, sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';

export interface IdempotencyKey {
  tenantId: string;
  key: string;
  /** SHA-256 of method, path and body. */
  fingerprint: string;
}

/** status and body are null while the first request is still being answered. The body is sealed. */
export type KnownAnswer = Pick<typeof idempotencyKeys.$inferSelect, 'fingerprint' | 'status' | 'body'>;

/**
 * Takes the key for this request. Null: taken. Otherwise what the first request with it left.
 * A key is free again after a day, and two minutes after a request that never ended.
 */
export async function claimIdempotencyKey(db: DbOrTx, claim: IdempotencyKey): Promise<KnownAnswer | null> {
  const { createdAt, status } = idempotencyKeys;
  const claimed = await db
    .insert(idempotencyKeys)
    .values(claim)
    .onConflictDoUpdate({
      target: [idempotencyKeys.tenantId, idempotencyKeys.key],
      set: { fingerprint: claim.fingerprint, status: null, body: null, createdAt: sql`now()` },
      setWhere: sql`${createdAt} < now() - interval '1 day'
        or (${status} is null and ${createdAt} < now() - interval '2 minutes')`,
    })
    .returning({ key: idempotencyKeys.key });
  if (claimed.length > 0) return null;
  const [known] = await db
    .select({ fingerprint: idempotencyKeys.fingerprint, status, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.tenantId, claim.tenantId), eq(idempotencyKeys.key, claim.key)));
  return known ?? { fingerprint: claim.fingerprint, status: null, body: null };
}

export async function keepAnswer(
  db: DbOrTx,
  claim: IdempotencyKey,
  answer: { status: number; body: string },
): Promise<void> {
  await db.update(idempotencyKeys).set(answer).where(inFlight(claim));
}

/** Frees the key of a request that failed for our own reasons. */
export async function releaseIdempotencyKey(db: DbOrTx, claim: IdempotencyKey): Promise<void> {
  await db.delete(idempotencyKeys).where(inFlight(claim));
}

function inFlight({ tenantId, key, fingerprint }: IdempotencyKey) {
  return and(
    eq(idempotencyKeys.tenantId, tenantId),
    eq(idempotencyKeys.key, key),
    eq(idempotencyKeys.fingerprint, fingerprint),
    isNull(idempotencyKeys.status),
  );
}
