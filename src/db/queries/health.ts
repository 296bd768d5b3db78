import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';
import { idempotencyKeys } from '../schema/index.ts';

/** Commits a write: a database that is read-only or full fails here. The row is no tenant's. */
export async function probeWrite(db: DbOrTx): Promise<void> {
  await db
    .insert(idempotencyKeys)
    .values({ tenantId: '', key: 'readiness', fingerprint: '' })
    .onConflictDoUpdate({
      target: [idempotencyKeys.tenantId, idempotencyKeys.key],
      set: { createdAt: sql`now()` },
    });
}
