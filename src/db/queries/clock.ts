import { sql } from 'drizzle-orm';
import type { DbOrTx } from '../client.ts';

/** Postgres' clock: the one that decides the times in rows. */
export async function readClock(db: DbOrTx): Promise<Date> {
  const {
    rows: [row],
  } = await db.execute<{ now: string }>(sql`select now() as now`);
  return row ? new Date(row.now) : new Date(Number.NaN);
}
