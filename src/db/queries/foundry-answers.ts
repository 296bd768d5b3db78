import { and, eq, sql } from 'drizzle-orm';
import type { Db, DbOrTx } from '../client.ts';
import { foundryAnswers } from '../schema/index.ts';
import type { Old } from './prune.ts';

export type FoundryAnswerRow = typeof foundryAnswers.$inferSelect;
export type NewAnswer = Pick<FoundryAnswerRow, 'id' | 'tenantId' | 'question' | 'turns' | 'requestId'>;
export type AnswerEnd = Pick<
  FoundryAnswerRow,
  | 'outcome'
  | 'target'
  | 'query'
  | 'explanation'
  | 'planner'
  | 'repairs'
  | 'errorCode'
  | 'rowCount'
  | 'truncated'
  | 'durationMs'
>;

/**
 * Takes a place among the tenant's questions under way; false: there is none. One that has taken longer than longestMs is lost and holds none.
 * Processes that ask for the same tenant wait for each other here. A question asked again under its id (a request done again) is begun anew.
 */
export async function admitAnswer(
  db: Db,
  answer: NewAnswer,
  { most, longestMs }: { most: number; longestMs: number },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const lock = `ivory.foundry ${answer.tenantId}`;
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${lock}, 0))`);
    const [under] = await tx
      .select({ way: sql<number>`count(*)::int` })
      .from(foundryAnswers)
      .where(
        and(
          eq(foundryAnswers.tenantId, answer.tenantId),
          eq(foundryAnswers.outcome, 'asking'),
          sql`${foundryAnswers.createdAt} > now() - ${`${longestMs} milliseconds`}::interval`,
        ),
      );
    if ((under?.way ?? 0) >= most) return false;
    await tx
      .insert(foundryAnswers)
      .values(answer)
      .onConflictDoUpdate({
        target: foundryAnswers.id,
        set: { outcome: 'asking', createdAt: sql`now()` },
        setWhere: eq(foundryAnswers.tenantId, answer.tenantId),
      });
    return true;
  });
}

export async function endAnswer(tx: DbOrTx, tenantId: string, id: string, end: AnswerEnd): Promise<void> {
  await tx.update(foundryAnswers).set(end).where(ofTenant(tenantId, id));
}

export async function findFoundryAnswer(
  db: DbOrTx,
  tenantId: string,
  id: string,
): Promise<FoundryAnswerRow | null> {
  const [answer] = await db.select().from(foundryAnswers).where(ofTenant(tenantId, id));
  return answer ?? null;
}

/** Questions, with what people said of their answers. */
export async function pruneFoundryAnswers(tx: DbOrTx, { before, limit }: Old): Promise<number> {
  const { rowCount } = await tx.execute(sql`delete from ${foundryAnswers} where id = any(array(
    select id from ${foundryAnswers} where created_at < ${before} limit ${limit} for update skip locked))`);
  return rowCount ?? 0;
}

function ofTenant(tenantId: string, id: string) {
  return and(eq(foundryAnswers.id, id), eq(foundryAnswers.tenantId, tenantId));
}
