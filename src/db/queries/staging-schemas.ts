import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';

const LOCK_TIMEOUT_MS = 10_000;

/** Drops a connector's staging schema with its tables. Gives up after 10 s when a worker does not let go of them. */
export async function dropStagingSchema(tx: DbOrTx, stagingSchema: string): Promise<void> {
  await tx.execute(sql`select set_config('lock_timeout', ${`${LOCK_TIMEOUT_MS}ms`}, true)`);
  await tx.execute(sql`drop schema if exists ${sql.identifier(stagingSchema)} cascade`);
}
