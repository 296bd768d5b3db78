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

export type KeyClaim = { taken: true; seed: string } | { taken: false; known: KnownAnswer };

/**
 * Takes the key for this request, or answers what the first request with it left. A key is free again after a day, and two minutes after a
 * request that never ended: the same request then gets the seed of the first, so that what both make has the same ids.
 */
export async function claimIdempotencyKey(db: DbOrTx, claim: IdempotencyKey): Promise<KeyClaim> {
  const { createdAt, status, fingerprint, seed } = idempotencyKeys;
  const isCutOff = sql`${status} is null and ${createdAt} < now() - interval '2 minutes'`;
  const isOld = sql`${createdAt} < now() - interval '1 day'`;
  const [claimed] = await db
    .insert(idempotencyKeys)
    .values(claim)
    .onConflictDoUpdate({
      target: [idempotencyKeys.tenantId, idempotencyKeys.key],
      set: {
        fingerprint: claim.fingerprint,
        seed: sql`case when ${isOld} or ${fingerprint} <> ${claim.fingerprint} then gen_random_uuid() else ${seed} end`,
        status: null,
        body: null,
        createdAt: sql`now()`,
      },
      setWhere: sql`${isOld} or (${isCutOff})`,
    })
    .returning({ seed });
  if (claimed) return { taken: true, seed: claimed.seed };
  const [known] = await db
    .select({ fingerprint, status, body: idempotencyKeys.body })
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.tenantId, claim.tenantId), eq(idempotencyKeys.key, claim.key)));
  return { taken: false, known: known ?? { fingerprint: claim.fingerprint, status: null, body: null } };
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
